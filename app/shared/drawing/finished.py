"""A chart ready to be shown, with all that can be taken away: what is kept of it, so that it is drawn once."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Finished:
    """The arguments of `app.shared.chart.chart` but its key."""

    figure: go.Figure
    alt: str
    table: pd.DataFrame
    code: str
    name: str
