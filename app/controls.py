"""Every widget that all pages share: its key, its default and its place in the URL. Gives the frozen `Selection`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app import compute, words
from app.samples import SAMPLES
from app.selection import OWN_FILE, RANDOM, Net, Photo, Selection, digest, weights_title

DEFAULT_VARIANT = "resnet18"
DEFAULT_METHOD = "grad_cam"
FIRST = "first"  # whatever class is most probable
PHOTO_TYPES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff"]


def draw(*, on_landing_page: bool) -> None:
    """Draw the shared controls; the photo stands in the page where a visitor arrives, in the sidebar elsewhere."""
    with st.sidebar:
        net = _network()
    with st.container() if on_landing_page else st.sidebar:
        photo = _photo(side_by_side=on_landing_page)
    st.session_state["selection"] = Selection(net, photo)


def selection() -> Selection:
    """What `draw` found in this run."""
    found: Selection = st.session_state["selection"]
    return found


def network_choice(
    which: str = "", label: str = "Network", default: str = DEFAULT_VARIANT, places: Sequence[DeltaGenerator] = ()
) -> Net:
    """Widgets for a variant and its weights. The URL holds what they show, so what they show is short and stays."""
    names = list(rc.VARIANTS)
    here, there = places or (st, st)
    variant = here.selectbox(
        label,
        names,
        index=names.index(default),
        format_func=lambda name: rc.VARIANTS[name].title,
        key=f"net{which}",
        bind="query-params",
        persist_state="session",
        help="18 to 152 are the ImageNet networks of Table 1, 20 to 1202 the CIFAR family of section 4.2.",
    )
    weights = there.selectbox(
        f"Weights of {rc.VARIANTS[variant].title}",
        weights_choices(variant),
        format_func=weights_title,
        key=f"weights{which}",
        bind="query-params",
        persist_state="session",
    )
    return Net(variant, weights)


def weights_choices(variant: str) -> list[str]:
    """The weights of a variant, those that speak best and are at hand first."""
    known = [weights for name, weights in rc.WEIGHTS if name == variant]
    at_hand = [weights for weights in known if compute.ready(Net(variant, weights))]
    downloads = [weights for weights in known if weights not in at_hand]
    return [*sorted(at_hand, key="imagenet".__ne__), RANDOM, *downloads]


def _network() -> Net:
    net = network_choice()
    with st.expander("Your own checkpoint"):
        file = st.file_uploader(
            "A .safetensors, .pth or .pt file with the weights of this network",
            key="checkpoint",
            max_upload_size=300,
        )
    if file is not None:
        content = file.getvalue()
        net = Net(net.variant, OWN_FILE, digest(content), file.name, content)
        st.caption(f"In use: **{file.name}**. Remove the file to return to the list above.")
    st.caption(words.badges(net))
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


def _photo(*, side_by_side: bool) -> Photo:
    """A sample, an upload or a picture from the camera; the last one given counts, on every page."""
    chosen, given = st.columns([2, 3], gap="medium") if side_by_side else (st.container(), st.container())
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
    return own or compute.sample_photo(sample)


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
        with compute.turn():  # a huge picture takes half a gigabyte for a moment
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


def compare() -> bool:
    """Whether a second network looks at the same photo."""
    return st.toggle("Compare with a second network", key="compare", bind="query-params", persist_state="session")


def second_network() -> Net:
    """Widgets for the network beside the one of the sidebar."""
    return network_choice("2", "Second network", default="resnet20", places=st.columns(2, gap="medium"))


def map_choice(which: str, answer: pd.DataFrame, columns: int) -> MapChoice:
    """Widgets for class, method and opacity; `answer` lists every class, most probable first."""
    names = dict(zip(answer["index"].astype(str), answer["class"], strict=True))
    titles = words.distinct(names)
    first = str(answer["index"].iloc[0])
    places = st.columns(columns, gap="medium") if columns > 1 else [st.container()] * 3
    target = places[0].selectbox(
        "Show what mattered for",
        [FIRST, *names],
        format_func=lambda index: f"the first answer: {names[first]}" if index == FIRST else titles[index],
        key=f"class{which}",
        bind="query-params",
    )
    method = places[1].selectbox(
        "Method",
        list(rc.METHODS),
        index=list(rc.METHODS).index(DEFAULT_METHOD),
        format_func=lambda name: rc.METHODS[name].title,
        key=f"method{which}",
        bind="query-params",
    )
    opacity = places[2].slider("Opacity of the map", 0, 100, 60, 10, format="%d %%", key=f"opacity{which}")
    index = first if target == FIRST else target
    return MapChoice(method, int(index), names[index], opacity / 100)


@contextmanager
def explained() -> Iterator[None]:
    """Errors that a visitor can cause end as one sentence in the page."""
    try:
        yield
    except rc.ResNetCoreError as error:
        st.error(str(error), icon=":material/error:")
