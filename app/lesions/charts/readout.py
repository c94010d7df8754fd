"""The answer of the head after every block of the last stage."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.lesions.charts.notes import NOT_NUMBERS, told
from app.shared.drawing.bars import decimals, percent
from app.shared.drawing.colours import OUTPUT, RESIDUAL
from app.shared.drawing.layout import arranged, as_text, percent_ticks, wrapped
from app.shared.magnitudes import between


def readout_chart(table: pd.DataFrame, *, trained: bool) -> go.Figure:
    """A bar a block: the probability of the network's answer, green where it is the first answer of this read-out."""
    answer = answer_of(table)
    there = table["index"] == table["target"]
    figure = go.Figure(
        go.Bar(
            x=table["block"],
            y=table["target_probability"],
            marker={"color": [OUTPUT if first else RESIDUAL for first in there]},
            text=[as_text(str(name)) for name in table["class"]],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                [percent(row["target_probability"]), as_text(str(row["class"])), percent(row["probability"])]
                for row in table.to_dict("records")
            ],
            hovertemplate="%{x}: %{customdata[0]}; first answer %{customdata[1]}, %{customdata[2]}<extra></extra>",
        )
    )
    title, note = told(finding(table), detail(table), trained=trained)
    y = as_text(f"probability of {answer}")
    figure = arranged(figure, title=wrapped(as_text(title)), x="read after block", y=y, note=as_text(note))
    return figure.update_yaxes(range=[0, 1.12], **percent_ticks(1))


def answer_of(table: pd.DataFrame) -> str:
    """The network's own answer: that of its last block."""
    return str(table["class"].iloc[-1])


def finding(table: pd.DataFrame) -> str:
    """From which block on the read-out gives the network's answer, in one line."""
    if not table["probability"].notna().all():
        return NOT_NUMBERS
    there = (table["index"] == table["target"]).to_numpy()
    answer, wrong = answer_of(table), [place for place, first in enumerate(there) if not first]
    since = wrong[-1] + 1 if wrong else 0
    if since == 0:
        return f"Every block of the last stage says {answer}"
    if since == len(table) - 1:
        if there[:since].any():
            return f"The last block says {answer} again, the one before it does not"
        return f"Of this stage, only the last block says {answer}"
    return f"From {table['block'].iloc[since]} on it says {answer}"


def detail(table: pd.DataFrame) -> str:
    """The first and the last read-out, and where the last blocks' F(x) points."""
    first, last = table.iloc[0], table.iloc[-1]
    parts = f"This photo: {percent(first['target_probability'])} after {first['block']}"
    parts += f", {percent(last['target_probability'])} after {last['block']}."
    cosines = table["cosine"].dropna()
    if cosines.empty:
        return parts
    held = between(decimals(float(cosines.min())), decimals(float(cosines.max())))
    return f"{parts} Cosine of F(x) with the direction that lowers the loss: {held}."


def words(table: pd.DataFrame) -> str:
    """The chart in words, as alt text."""
    steps = ", ".join(
        f"{row['block']} {percent(row['target_probability'])} ({row['class']} first)"
        for row in table.to_dict("records")
    )
    return f"{finding(table)}. Probability of {answer_of(table)} after each block: {steps}"
