"""Edit the photo: remove parts, and the network answers at once."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

import resnet_core as rc
from app.attributions import code, computed, edit_controls
from app.attributions.charts import answers
from app.attributions.charts.regions import selected
from app.attributions.components.regions import regions
from app.engine import compute
from app.engine.selection import Subject
from app.shared import chart, sentences
from app.shared.drawing import heat
from app.shared.errors import explained
from resnet_core.pictures.masks import rectangle


def edited(subject: Subject) -> None:
    """Parts of the photo removed, and the network's answer."""
    st.subheader("Edit the photo", anchor=False)
    st.caption("A map claims which pixels mattered. Take them away and see whether the network agrees.")
    with explained():
        choice = edit_controls.edit()
        fill = filling(subject, choice.fill)
        left, right = st.columns(2, gap="large")
        with left:
            by = without_rectangle if choice.by == edit_controls.RECTANGLE else without_superpixels
            gone, what, code = by(subject, choice, fill)
        with right:
            effect = computed.edit_effect(subject.net, subject.photo, gone, fill)
            st.html(answers.answer_bars(effect, what, float(gone.mean()), target=subject.target))
            chart.files(table=effect, code=code, name=f"{subject.net.variant}-edit", key="edit_files", images={})


def filling(subject: Subject, chosen: rc.Fill | None) -> rc.Fill:
    """The fill for removed parts: the `chosen`, else the one that alone shows least of the class. Shows a caption."""
    alone = computed.alone(subject.net, subject.photo, subject.target)
    fill: rc.Fill = min(alone, key=lambda name: alone[name]) if chosen is None else chosen
    by_words = {edit_controls.FILL_WORDS[name]: probability for name, probability in alone.items()}
    answer = compute.prediction(subject.net, subject.photo)
    before = float(answer["probability"][answer["index"] == subject.target].iloc[0])
    said, neutral = answers.fill_words(by_words, edit_controls.FILL_WORDS[fill], subject.name, before)
    if compute.model(subject.net).weights is None:
        said += " Another draw of the random weights can do otherwise."
    if neutral:
        st.caption(sentences.plain(said))
    else:
        st.warning(sentences.plain(said), icon=":material/format_color_fill:")
    return fill


def without_rectangle(
    subject: Subject, _: edit_controls.EditChoice, fill: rc.Fill
) -> tuple[NDArray[np.bool_], str, str]:
    """The photo without a rectangle: the mask, its name in a sentence, and the code for the answer."""
    view = compute.view(subject.net, subject.photo)
    edges = edit_controls.rectangle()
    gone = rectangle(view.height, view.width, **edges)
    whole = computed.filled(subject.net, subject.photo, fill)
    pixels = np.where(gone[..., None], whole, np.asarray(view))
    st.image(
        heat.enlarged(Image.fromarray(pixels)),
        width="stretch",
        output_format="PNG",
        alt=f"{subject.photo.title} without a rectangle of {gone.mean():.0%} of the picture",
    )
    return gone, "the rectangle", code.rectangle_code(subject, edges, fill)


def without_superpixels(
    subject: Subject, choice: edit_controls.EditChoice, fill: rc.Fill
) -> tuple[NDArray[np.bool_], str, str]:
    """The photo without the marked superpixels: the mask, its name in a sentence, and the code."""
    cut, outlines = computed.superpixels(subject.net, subject.photo, choice.count)
    picture = st.container()
    ids = edit_controls.removed(len(outlines.paths), outlines.digest)
    with picture:
        regions(
            heat.png(compute.view(subject.net, subject.photo)),
            heat.png(Image.fromarray(computed.filled(subject.net, subject.photo, fill))),
            outlines,
            ids,
            alt=f"{subject.photo.title} in superpixels",
            key="edit_regions",
            on_change=edit_controls.remove,
        )
    what = "the marked superpixel" if len(ids) == 1 else f"the {len(ids)} marked superpixels"
    return selected(cut, ids), what, code.superpixels_code(subject, choice.count, ids, fill)
