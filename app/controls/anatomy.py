"""What the Architecture page takes apart: shortcut option, version, input size, how much is drawn, and which block."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import streamlit as st

import resnet_core as rc
from app.controls.forget import forget_unless
from app.controls.row import row
from app.selection import Anatomy
from resnet_core.variants import Shortcut, Version

Detail = Literal["stages", "blocks", "layers"]
OWN = "its own"  # the option of the network in the sidebar
SIZES = {"imagenet": (32, 512, 32), "cifar": (8, 64, 8)}  # from, to, step in pixels


def anatomy(own: Anatomy) -> Anatomy:
    """Switches for shortcut option, version and input size of a network built like `own`."""
    variant = rc.VARIANTS[own.variant]
    beside = row()
    option = beside.segmented_control(
        "Shortcuts",
        [OWN, *get_args(Shortcut)],
        default=OWN,
        required=True,
        key="shortcut",
        bind="query-params",
        persist_state="session",
        help="A: identity, with zeros for new channels. B: 1×1 projections where the shape changes. "
        "C: projections everywhere. none: the plain twin. (Section 3.3 and 4.1)",
    )
    version: Version | None = beside.segmented_control(
        "Version",
        get_args(Version)[::-1],
        default=own.version,
        required=True,
        disabled=variant.block == "basic",
        key="version",
        bind="query-params",
        persist_state="session",
        help="Where a bottleneck has its stride: v1, the paper, on the first 1×1 conv; v1.5, torchvision, on the 3×3. "
        "A basic block has it on its first 3×3 in both.",
    )
    low, high, step = SIZES[variant.family]
    size = beside.slider(
        "Input size in pixels",
        low,
        high,
        own.input_size,
        step,
        key=f"size_{variant.family}",
        width=220,
        bind="query-params",
        persist_state="session",
    )
    return replace(
        own,
        input_size=size,
        shortcut=own.shortcut if option in (None, OWN) else option,
        version=version or own.version,
    )


def detail() -> Detail:
    """How far the drawing is unfolded."""
    chosen: Detail | None = st.segmented_control(
        "Drawn down to",
        get_args(Detail),
        default="blocks",
        required=True,
        key="detail",
        bind="query-params",
        persist_state="session",
    )
    return chosen or "blocks"


def block(names: list[str], default: str) -> str:
    """The place that is opened: a block by its name; a click in a drawing chooses here, see `open_block`."""
    forget_unless("block", names)  # another network has other blocks
    return st.selectbox(
        "Opened",
        names,
        index=names.index(default),
        key="block",
        bind="query-params",
        persist_state="session",
    )


def open_block(name: str) -> None:
    """Choose a block from outside the list, in a callback."""
    st.session_state["block"] = name


def unfolded() -> frozenset[str]:
    """The stages that the visitor has folded out."""
    return frozenset(st.session_state.get("unfolded", frozenset()))


def fold(stage: str) -> None:
    """Fold a stage out, or in again, in a callback."""
    st.session_state["unfolded"] = unfolded() ^ {stage}
