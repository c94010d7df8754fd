"""What the Architecture page shows: shortcut option, version, input size, level of detail, and which block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import streamlit as st

import resnet_core as rc
from app.architecture.charts.bands import Detail
from app.engine.selection import Anatomy
from app.shared import block_choice, link
from app.shared.linked import Linked
from app.shared.offers import Many
from resnet_core.variants import Shortcut, Version

OWN = "its own"  # the option of the network in the sidebar
SIZES = {"imagenet": (32, 512, 32), "cifar": (8, 64, 8)}  # from, to, step in pixels


def anatomy_choice(own: Anatomy) -> tuple[Anatomy, Detail]:
    """Switches for shortcut option, version and input size of a network built like `own`, and how it is drawn."""
    variant = rc.VARIANTS[own.variant]
    line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    widgets = Linked(line)
    option = widgets.segmented_control(
        "Shortcuts",
        [OWN, *get_args(Shortcut)],
        key="shortcut",
        help="A: identity, with zeros for new channels. B: 1×1 projections where the shape changes. "
        "C: projections everywhere. none: the plain twin. (Section 3.3 and 4.1)",
    )
    version: Version = widgets.segmented_control(
        "Version",
        get_args(Version)[::-1],
        default=own.how.version,
        disabled=variant.block == "basic",
        key="version",
        help="Where a bottleneck has its stride: v1, the paper, on the first 1×1 conv; v1.5, torchvision, on the 3×3. "
        "A basic block has it on its first 3×3 in both.",
    )
    low, high, step = SIZES[variant.family]
    size = widgets.slider(
        "Input size in pixels",
        low,
        high,
        own.input_size,
        step,
        key=f"size_{variant.family}",
        width=220,
    )
    with line.popover("Display", icon=":material/tune:"):
        detail: Detail = Linked().segmented_control("Detail", get_args(Detail), default="blocks", key="detail")
    shortcut = own.how.shortcut if option == OWN else option
    return replace(own, input_size=size, how=replace(own.how, shortcut=shortcut, version=version)), detail


def block(described: rc.Description) -> str:
    """The name of the opened block, of the stem or of the head: from the list, or one further or back."""
    names = ["stem", *described.blocks["name"], "head"]
    with st.container(horizontal=True, wrap=False, gap="small", vertical_alignment="bottom"):
        before, middle, after = st.container(width="content"), st.container(), st.container(width="content")
    with middle:
        opened = block_choice.block(names, default="layer1.0", label_visibility="collapsed")
    place = names.index(opened)
    for side, words, there in ((before, "Previous", place - 1), (after, "Next", place + 1)):
        known = 0 <= there < len(names)
        name = names[there] if known else opened
        side.button(words, key=words, on_click=block_choice.open_block, args=(name,), disabled=not known)
    return opened


def unfolded(stages: Sequence[str]) -> list[str]:
    """The stages that the visitor has unfolded."""
    found: list[str] = link.choice("unfolded", Many(stages), [])
    return found


def fold(out: Sequence[str], stage: str) -> None:
    """Unfold a stage, or fold it again, in a callback; `out` are the unfolded ones."""
    link.choose("unfolded", sorted({*out} ^ {stage}))


def in_keras(ways: tuple[str, str]) -> bool:
    """Whether the code of a block is shown in Keras instead of PyTorch."""
    return Linked().segmented_control("Written in", ways, key="code") == ways[1]
