"""How far the methods agree on the order of the pixels."""

from __future__ import annotations

import streamlit as st

from app.attributions import code, words
from app.attributions.charts import agreement
from app.attributions.checks import asked, drawn_of, matrix_of
from app.attributions.maps_part import maps_without_checks
from app.attributions.question import Question
from app.shared import chart, slides


def agreement_of_methods(question: Question) -> None:
    """The matrix of rank correlations, where there is more than one map."""
    shown = maps_without_checks(question)
    if len(shown) < 2:
        st.info("One map alone: choose a second method to compare it with.", icon=":material/stacks:")
        return
    matrix, drawn = matrix_of(shown), drawn_of(shown)
    with slides.slide("agreement"), slides.whole_on_screen("agreement"):
        chart.chart(
            agreement.agreement_chart(matrix, drawn),
            alt=words.agreement_words(matrix, drawn),
            table=matrix.rename_axis("method").reset_index(),
            code=code.agreement_code(question.subject, asked(shown)),
            name="agreement",
            key="agreement",
        )
