"""Which network with which weights: lists, the visitor's own checkpoint, downloads, and a second network."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

import resnet_core as rc
from app.engine import compute
from app.engine.selection import OWN_FILE, RANDOM, Net, digest, weights_title
from app.shared import link, own_files, sentences
from app.shared.linked import Linked
from resnet_core.weights.catalogue import DAMAGED_WEIGHTS

GONE = (
    "The checkpoint that was given here is not on this server: the page was loaded anew, the server was restarted, or "
    "this is somebody else's link. Give the file again; until then the weights of the list are used."
)
DEFAULT_VARIANT = "resnet18"


def network_choice(
    which: str = "", label: str = "Network", default: str = DEFAULT_VARIANT, columns: Sequence[DeltaGenerator] = ()
) -> Net:
    """Widgets for a variant and its weights. The URL holds their options, which are short and must not change."""
    here, there = map(Linked, columns or (None, None))
    variant = here.selectbox(
        label,
        list(rc.VARIANTS),
        default=default,
        format_func=lambda name: rc.VARIANTS[name].title,
        key=f"net{which}",
        help="18 to 152 are the ImageNet networks of Table 1, 20 to 1202 the CIFAR family of section 4.2.",
    )
    weights = there.selectbox(
        f"Weights of {rc.VARIANTS[variant].title}",
        weights_choices(variant),
        format_func=weights_title,
        key=f"weights{which}",
    )
    return Net(variant, weights)


def say_unknown(net: Net, which: str = "") -> None:
    """Say that the address asks for a network or weights that are not in the lists, and what is shown instead."""
    title = rc.VARIANTS[net.variant].title
    for name, lists, instead in (
        (f"net{which}", "networks", title),
        (f"weights{which}", f"weights of {title}", weights_title(net.weights)),
    ):
        if (asked := link.unknown(name)) is not None:
            words = f"The link asks for “{sentences.plain(asked)}”, which is not in the list of {lists}."
            st.info(f"{words} You see {instead}.", icon=":material/link_off:")


def choose(net: Net) -> None:
    """Choose a network and its weights without the widgets, and draw the page with them."""
    link.choose("net", net.variant)
    link.choose("weights", net.weights)
    st.rerun()


def weights_choices(variant: str) -> list[str]:
    """The weights of a variant: the best ones on this machine first, those of a run's early epochs last."""
    known = [weights for (name, _), weights in rc.WEIGHTS.items() if name == variant]
    final = [weights.id for weights in known if weights.is_final]
    early = [weights.id for weights in known if not weights.is_final]
    at_hand = [weights for weights in final if compute.ready(Net(variant, weights))]
    downloads = [weights for weights in final if weights not in at_hand]
    return [*sorted(at_hand, key="imagenet".__ne__), RANDOM, *downloads, *early]


def network() -> Net:
    """The network of the sidebar."""
    net = network_choice()
    with st.expander("Your own checkpoint"):
        file = st.file_uploader(
            "A .safetensors, .pth or .pt file with the weights of this network",
            key="checkpoint",
            max_upload_size=300,
            on_change=own_files.forget,
            args=("own_weights",),
        )
    chosen = link.changed("net") | link.changed("weights")
    if file is None:  # none was given, it was removed, or another page was open meanwhile
        own = _kept(net.variant) if own_files.in_use("own_weights") and not chosen else None
    else:
        own = _own(net.variant, file)
    if chosen or (own is None and file is not None):
        own_files.forget("own_weights")  # after another choice nobody needs the note that the file is gone
    if own is not None:
        own_files.use("own_weights")
        net = own
        st.caption(f"In use: **{sentences.plain(own.file_name)}**.")
        if file is None:
            st.button("Return to the list", on_click=own_files.forget, args=("own_weights",))
    if own_files.in_use("own_weights") and own is None:
        st.info(GONE, icon=":material/no_sim:")
    st.caption(sentences.badges(net))
    for (variant, _), sentence in DAMAGED_WEIGHTS.items():
        if variant == net.variant:
            st.warning(sentence, icon=":material/broken_image:")
    _offer_download(net)
    return net


def _kept(variant: str) -> Net | None:
    """The last checkpoint that worked, if it is one of this network."""
    worked: Net | None = st.session_state.get("own_checkpoint")
    return worked if worked is not None and worked.variant == variant else None


def _own(variant: str, file: UploadedFile) -> Net | None:
    """The visitor's checkpoint. If the file does not fit, show a sentence, and keep what worked."""
    content = file.getvalue()
    net = Net(variant, OWN_FILE, digest(content), sentences.one_line(file.name), content)
    try:
        with st.spinner("Reading the checkpoint"):
            compute.model(net)
    except rc.ResNetCoreError as error:
        stays = _kept(variant)
        st.error(f"{sentences.plain(net.file_name)}: {sentences.plain(error)}", icon=":material/broken_image:")
        if stays is None:
            st.caption("The weights of the list stay in use.")
        return stays
    st.session_state["own_checkpoint"] = net
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
        st.error(sentences.plain(error))
    else:
        st.rerun()


def compare() -> bool:
    """Whether a second network looks at the same photo."""
    return Linked().toggle("Compare with a second network", key="compare")


def second_network(columns: Sequence[DeltaGenerator] = ()) -> Net:
    """Widgets for the second network, in these two places."""
    net = network_choice("2", "Second network", default="resnet20", columns=columns or st.columns(2, gap="medium"))
    say_unknown(net, "2")
    return net
