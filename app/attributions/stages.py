"""Grad-CAM at every stage: what it shows depends on the layer."""

from __future__ import annotations

import streamlit as st

from app.attributions import controls
from app.attributions.charts import stages
from app.attributions.question import Question
from app.engine import compute
from app.engine.waiting import waiting
from app.shared import explanations, slides
from app.shared.components.diagram import show_drawing
from app.shared.drawing.bars import UNIT
from app.shared.errors import explained
from app.shared.verdict import verdict

OPACITY = 0.6  # of the maps over the photo


def over_depth(question: Question) -> None:
    """Grad-CAM after every stage, at one point of its last block."""
    subject = question.subject
    net, photo = subject.net, subject.photo
    with explained(), slides.slide("depth"):
        described = compute.description(compute.anatomy(net))
        left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
        with left:
            verdict("What Grad-CAM shows depends on the layer where it is taken")
            point = controls.point()
        with right:
            show_drawing(stages.point_svg(described.blocks["shortcut_kind"].iloc[-1], point), key="point_drawing")
        with waiting("Grad-CAM at work") as progress:
            found = {
                stage: compute.attribution(
                    net, photo, subject.target, "grad_cam", progress=progress, layer=stage, point=point
                )
                for stage in dict.fromkeys(described.blocks["stage"])
            }
        values = {stage: explanations.values_of(record) for stage, record in found.items()}
        captions = stages.captions_of(described, values)
        if blank := stages.blank_finding(captions):
            st.markdown(f"**{blank}**")
        columns = slides.whole_on_screen("depth").columns(len(found), gap="small")
        for column, caption, record in zip(columns, captions, found.values(), strict=True):
            with column.container(gap="xsmall"):
                st.markdown(f"**{caption.title}**")
                st.image(
                    explanations.painted(net, photo, record, OPACITY).jpeg,
                    width="stretch",
                    output_format="JPEG",
                    alt=f"Grad-CAM for {subject.name} at {caption.title}",
                )
                st.caption(caption.caption.replace(" %", UNIT))
