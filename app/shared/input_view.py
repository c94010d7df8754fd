"""What the network sees of the photo, as every page shows it, and the advice where there is no network yet."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from app.engine import compute
from app.engine.selection import Net, Photo
from app.shared import sentences
from app.shared.drawing import heat
from resnet_core.inside.answers import transform_of

WIDTH_ALONE = 320  # width in pixels of a photo that stands alone


def at_hand(net: Net) -> bool:
    """Whether the weights are on this machine; if not, show what to do."""
    here = compute.ready(net)
    if not here:
        st.info(sentences.not_here(net), icon=":material/download:")
    return here


def has_answers(net: Net, answer: pd.DataFrame) -> bool:
    """Whether the answers of an untrained network are finite; if it overflows, show that and what remains."""
    overflows = compute.model(net).weights is None and not np.isfinite(answer["probability"]).all()
    if overflows:
        st.info(sentences.overflow(net), icon=":material/trending_up:")
    return not overflows


def answers(net: Net, photo: Photo) -> pd.DataFrame | None:
    """What the network answers, most probable first; where it has no answer, the page says so and shows the photo."""
    with st.spinner("The network is looking", show_time=True):
        answer = compute.prediction(net, photo)
    if photo.image.getcolors(1) is not None:  # None: more colours than one
        st.info(sentences.ONE_COLOUR, icon=":material/format_color_fill:")
    if has_answers(net, answer):
        return answer
    what_it_sees(net, photo, width=WIDTH_ALONE)
    return None


def what_it_sees(net: Net, photo: Photo, *, width: int | Literal["stretch"] = "stretch") -> None:
    """The cropped and reduced photo, and where it comes from; `width` in pixels, else that of its container."""
    view = compute.view(net, photo)
    st.subheader("What the network sees", anchor=False)
    st.image(
        heat.enlarged(view),
        width=width,
        output_format="PNG",
        alt=view_alt(net, photo),
    )
    st.caption(f"{sentences.plain(photo.title)}, {view.width} × {view.height} pixels. {photo.credit}")


def view_alt(net: Net, photo: Photo) -> str:
    """What the network sees of a photo, in words."""
    how, (width, height) = transform_of(compute.model(net)), photo.image.size
    short = min(width, height)
    done = [] if width == height and how.resize == how.crop else ["cut to the centre square"]
    if short != how.resize:
        done.append(f"{'reduced' if short > how.resize else 'enlarged'} to {how.crop} by {how.crop} pixels")
    return f"{photo.title}, {' and '.join(done) or f'all of its {width} by {height} pixels'}"
