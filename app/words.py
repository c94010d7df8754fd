"""Sentences that tell what the numbers mean: who speaks, what it can answer, and what a map shows."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import resnet_core as rc

FEW = 12  # so many classes are named one by one


def speaker(network: rc.ResNet) -> None:
    """The line that says which weights speak and how good they are."""
    weights = network.weights
    if weights is None:
        st.warning(
            f"**{network.title} with random weights** has learned nothing: its answer is a roll of the dice, "
            "and the map below shows what an untrained network reacts to.",
            icon=":material/casino:",
        )
        return
    accuracy = f" It is right on {weights.accuracy:.1%} of their test pictures." if weights.accuracy is not None else ""
    origin = f"trained on {weights.data}" if weights.data else f"from the file {weights.id}"
    st.markdown(f":material/record_voice_over: **{network.title}** {origin}.{accuracy}")


def verdict(network: rc.ResNet, name: str, probability: float) -> str:
    """The first line of the answer: sure, leaning or undecided, by its own probability."""
    if network.weights is None:
        return "What it says, by chance"
    if probability >= 0.8:
        return f"It says: {name}"
    if probability >= 0.4:
        return f"It leans towards: {name}"
    return f"It is undecided; first guess: {name}"


def vocabulary(network: rc.ResNet) -> str:
    """What these weights can answer at all."""
    names = rc.class_names(network)
    if network.weights is None or not network.weights.classes:
        return f"The {len(names)} classes have no names here; they are numbered."
    if len(names) > FEW:
        return f"These weights know {len(names):,} classes and nothing else: whatever the photo shows gets one of them."
    listed = ", ".join(names[:-1]) + f" and {names[-1]}"
    return (
        f"These weights know {len(names)} words: {listed}. A network cannot say “none of these”: "
        "the probabilities always add up to 100 %, so any other photo gets the nearest of them."
    )


def legend_ends(method: rc.Method, name: str) -> tuple[str, str]:
    """What the two ends of the colour scale mean."""
    if method.signed:
        return f"speaks against {name}", f"speaks for {name}"
    return "did not matter", "mattered most"


def map_alt(method: rc.Method, name: str, values: NDArray[np.floating]) -> str:
    """The gist of a map in words: where its strongest part lies."""
    finite = np.nan_to_num(np.abs(values))
    if not finite.any():
        return f"{method.title} for {name}: the map is empty, no pixel mattered"
    row, column = np.unravel_index(int(finite.argmax()), finite.shape)
    height, width = finite.shape
    vertical = ("upper", "middle", "lower")[min(2, int(3 * row / height))]
    horizontal = ("left", "centre", "right")[min(2, int(3 * column / width))]
    return f"{method.title} for {name}: strongest in the {vertical} {horizontal} of the picture"


def completeness(record: rc.AttributionRecord) -> str:
    """How far the map's sum is from the law that it should obey."""
    if record.delta is None:
        return ""
    total = float(record.raw[0].sum())
    return f" This map sums to {total:.2f}; the law of completeness is missed by {abs(float(record.delta[0])):.3f}."


def diagnosis(network: rc.ResNet, values: NDArray[np.floating]) -> str | None:
    """Why a map cannot be read, None for a sound one."""
    if not np.isfinite(values).all():
        return (
            f"The map holds values that are not numbers: the weights of {network.title} are broken (NaN or infinite)."
        )
    if not values.any():
        return "The map is empty: for this class no pixel changes the answer here. Try another method or class."
    return None
