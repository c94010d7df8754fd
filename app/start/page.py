"""Start: why residual networks exist, in three pictures of our own runs, and the way in with a photo."""

from __future__ import annotations

from itertools import product

import streamlit as st

import resnet_core as rc
from app.shared import photo
from app.shared.components.diagram import show_drawing
from app.shared.drawing.colours import PLAIN_TONES, RESIDUAL_TONES
from app.shared.slides import slide
from app.start import charts, words

SHALLOW, DEEP = "resnet20", "resnet56"
RESIDUAL, PLAIN = "cifar10", "cifar10-plain"
EQUATION = "y = F(x) + x".replace(" ", "\N{NO-BREAK SPACE}")
BLOCK = f"So let each block learn only what to add to its input: {EQUATION}. To change nothing is now easy."


def draw() -> None:
    three_pictures()
    st.subheader("Try it on your photo", anchor=False)
    if photo.given_first():
        st.switch_page("predict/page.py")


def three_pictures() -> None:
    """Deeper plain networks learn worse; the block; deeper residual networks learn better."""
    with slide("story"):
        plain, block, residual = st.columns(3, gap="medium")
    with plain:
        depth(PLAIN, PLAIN_TONES)
    with block:
        show_drawing(charts.block_svg(BLOCK), key="start_block")
        st.markdown(BLOCK)
    with residual:
        depth(RESIDUAL, RESIDUAL_TONES)


def depth(weights: str, tones: tuple[str, str]) -> None:
    """The runs of a shallow and a deep network, if they come with the package."""
    all_runs = [rc.RUNS[key] for key in product((SHALLOW, DEEP), (PLAIN, RESIDUAL)) if key in rc.RUNS]
    if len(all_runs) < 4:  # two pairs on one axis
        return
    runs = [rc.RUNS[name, weights] for name in (SHALLOW, DEEP)]
    said = words.depth_finding(*runs)
    highest = max(run.curves["train_error"].max() for run in all_runs)
    show_drawing(charts.curves_svg(runs, tones, highest, said), key=f"start_{weights}")
    st.markdown(said)


draw()
