"""Every widget that all pages share: its key, its default and its place in the URL. Gives the frozen `Selection`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import streamlit as st

import resnet_core as rc
from app import compute
from app.samples import SAMPLES
from app.selection import OWN_FILE, RANDOM, Net, Photo, Selection, digest, weights_label

DEFAULT_VARIANT = "resnet18"
DEFAULT_METHOD = "grad_cam"
PHOTO_TYPES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff"]


def draw(*, on_landing_page: bool) -> None:
    """Draw the shared controls; the photo stands in the page where a visitor arrives, in the sidebar elsewhere."""
    with st.sidebar:
        net = _network()
    with st.container() if on_landing_page else st.sidebar:
        photo = _photo()
    st.session_state["selection"] = Selection(net, photo)


def selection() -> Selection:
    """What `draw` found in this run."""
    found: Selection = st.session_state["selection"]
    return found


def network_choice(key: str, label: str = "Network", default: str = DEFAULT_VARIANT) -> tuple[str, str]:
    """Widgets for a variant and its weights, both in the URL; returns variant and weights id."""
    names = list(rc.VARIANTS)
    variant = st.selectbox(
        label,
        names,
        index=names.index(default),
        format_func=lambda name: f"{rc.VARIANTS[name].title} · {'ImageNet' if _is_imagenet(name) else 'CIFAR'} family",
        key=key,
        bind="query-params",
        persist_state="session",
    )
    choices = weights_choices(variant)
    weights = st.selectbox(
        f"Weights of {rc.VARIANTS[variant].title}",
        choices,
        format_func=lambda weights: weights_label(variant, weights),
        key=f"{key}_weights",
        bind="query-params",
        persist_state="session",
    )
    return variant, weights


def weights_choices(variant: str) -> list[str]:
    """The weights of a variant, those that speak best and are at hand first."""
    known = [weights for name, weights in rc.WEIGHTS if name == variant]
    at_hand = [weights for weights in known if compute.ready(Net(variant, weights))]
    downloads = [weights for weights in known if weights not in at_hand]
    return [*sorted(at_hand, key="imagenet".__ne__), RANDOM, *downloads]


def _is_imagenet(name: str) -> bool:
    return rc.VARIANTS[name].family == "imagenet"


def _network() -> Net:
    variant, weights = network_choice("net")
    net = Net(variant, weights)
    with st.expander("Your own checkpoint"):
        file = st.file_uploader(
            "A .safetensors, .pth or .pt file with the weights of this network",
            key="checkpoint",
            max_upload_size=300,
        )
    if file is not None:
        content = file.getvalue()
        net = Net(variant, OWN_FILE, digest(content), file.name, content)
        st.caption(f"In use: **{file.name}**. Remove the file to return to the list above.")
    _offer_download(net)
    return net


def _offer_download(net: Net) -> None:
    """One click for weights that are not here yet, with progress; any other click cancels."""
    if compute.ready(net) or net.known is None:
        return
    megabytes = net.known.bytes / 2**20
    st.info(f"These weights are not on this machine yet ({megabytes:.0f} MB).", icon=":material/download:")
    if not st.button(f"Download {megabytes:.0f} MB", type="primary", key="download"):
        return
    bar = st.progress(0.0, text="Downloading")
    st.button("Cancel", key="cancel_download")

    def show(done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(total, 1)), text=f"{done / 2**20:.0f} of {total / 2**20:.0f} MB")

    try:
        compute.model(net, progress=show)
    except rc.ResNetCoreError as error:
        st.error(str(error))
    else:
        st.rerun()


def _photo() -> Photo:
    """A sample, an upload or a picture from the camera; the last one given counts, on every page."""
    chosen, given = st.columns([2, 3], gap="medium")
    with chosen:
        sample = st.selectbox(
            "Sample photo",
            list(SAMPLES),
            format_func=lambda name: SAMPLES[name].title,
            key="sample",
            bind="query-params",
            persist_state="session",
            on_change=_forget_own_photo,
        )
        camera = st.toggle(
            "Use the camera", key="camera_on", help="Browsers allow it on localhost and over HTTPS only."
        )
    with given:
        st.file_uploader(
            "Or drop in your own photo",
            type=PHOTO_TYPES,
            key="upload",
            max_upload_size=20,
            on_change=_take_photo,
            args=("upload",),
        )
        if camera:
            st.camera_input("Take a photo", key="camera", on_change=_take_photo, args=("camera",))
    problem = st.session_state.get("photo_problem")
    if problem:
        st.error(problem, icon=":material/broken_image:")
    own: Photo | None = st.session_state.get("own_photo")
    return own or _sample(sample)


@st.cache_resource(max_entries=16, show_spinner=False)
def _sample(name: str) -> Photo:
    sample = SAMPLES[name]
    return Photo(digest=f"sample:{name}", title=sample.title, credit=sample.credit, image=sample.load())


def _forget_own_photo() -> None:
    st.session_state["own_photo"] = None
    st.session_state["photo_problem"] = None


def _take_photo(key: str) -> None:
    """Decode what was just given; a file that is no picture leaves the picture that was there."""
    st.session_state["photo_problem"] = None
    file: io.BytesIO | None = st.session_state[key]
    if file is None:  # removed by its owner
        st.session_state["own_photo"] = None
        return
    content = file.getvalue()
    name = getattr(file, "name", "photo")
    try:
        image = rc.open_image(content)
    except rc.ImageError as error:
        st.session_state["photo_problem"] = f"{name}: {error} The photo shown before stays."
        return
    st.session_state["own_photo"] = Photo(digest(content), name, "Your own photo; it stays on this server.", image)


@dataclass(frozen=True)
class MapChoice:
    """Which attribution map is asked for, and how it is laid over the photo."""

    method: str
    target: int
    class_name: str
    opacity: float


def map_choice(side: str, answer: pd.DataFrame) -> MapChoice:
    """Widgets for class, method and opacity; `answer` lists every class, most probable first."""
    names = dict(zip(answer["index"], answer["class"], strict=True))
    ranks = ["top", *answer["index"].astype(str)]
    target = st.selectbox(
        "Which pixels mattered for",
        ranks,
        format_func=lambda index: (
            f"the first answer: {names[answer['index'].iloc[0]]}" if index == "top" else names[int(index)]
        ),
        key=f"class_{side}",
        bind="query-params",
    )
    method = st.segmented_control(
        "Method",
        list(rc.METHODS),
        default=DEFAULT_METHOD,
        format_func=lambda name: rc.METHODS[name].title,
        key=f"method_{side}",
        bind="query-params",
        required=True,
    )
    opacity = st.slider("Opacity of the map", 0.0, 1.0, 0.6, 0.1, key=f"opacity_{side}")
    index = int(answer["index"].iloc[0]) if target == "top" else int(target)
    return MapChoice(method, index, names[index], opacity)


@contextmanager
def explained() -> Iterator[None]:
    """Errors that a visitor can cause end as one sentence in the page."""
    try:
        yield
    except rc.ResNetCoreError as error:
        st.error(str(error), icon=":material/error:")
