"""How often answers are right, over all probabilities: the table in use, its temperature and its diagram."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.predict import code, controls
from app.predict.charts import reliability_chart
from app.predict.words import reliability_alt, temperature_words
from app.shared import chart
from resnet_core.weights.calibration import reliability_table


def table_of(weights: rc.Weights | None, temperature: float | None) -> pd.DataFrame | None:
    """The table for this temperature: of all test pictures, or of those that it was not fitted on."""
    if weights is None or weights.calibration is None:
        return None
    return reliability_table(weights.calibration.bins if temperature is None else weights.calibration.scaled)


def how_reliable(network: rc.ResNet, probability: float, temperature: float | None, which: str) -> None:
    """The effect of the temperature in use, and the diagram in an expander, if they were measured."""
    weights, table = network.weights, table_of(network.weights, temperature)
    if weights is None or table is None:
        return
    name = network.title
    if temperature is not None:
        st.caption(temperature_words(weights.calibration))
        name += f" with T = {temperature:.2g} (one random split)"
    expander, is_open = controls.reliability(which)
    if is_open:
        with expander:
            chart.chart(
                reliability_chart(table, name, probability),
                alt=reliability_alt(table, name),
                table=table,
                code=code.reliability_code(weights, scaled=temperature is not None),
                name=f"{weights.variant}-{weights.id}-reliability",
                key=f"reliability_chart{which}",
            )
