"""Parameters and multiply-adds of a network by stage, side by side."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

import resnet_core as rc
from app.shared.drawing.colours import OUTPUT
from app.shared.drawing.layout import FONT_SIZE, arranged, wrapped

ROW = 40  # pixels of a stage: a line of text over its bar
HEADS = 64  # pixels of three lines over the bars
APART = 1.5  # two shares that differ by less count as equal
PANELS = (("params", "parameters", "Parameters"), ("macs", "MACs", "MACs"))


def stage_table(description: rc.Description) -> pd.DataFrame:
    """Stem, stages and head with parameters and MACs, each also as a share (0..1) of the whole network."""
    table = description.stages[["name", "paper_name", "blocks", "params", "macs"]]
    return table.assign(params_share=table["params"] / description.params, macs_share=table["macs"] / description.macs)


def stage_chart(description: rc.Description) -> go.Figure:
    """Two panels of bars, one row a stage; each bar's length is its share, the numbers stand over it."""
    table = stage_table(description)
    most = int(table["params"].to_numpy().argmax())
    figure = make_subplots(rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06)
    for number, (column, what, _) in enumerate(PANELS, start=1):
        shares = table[f"{column}_share"]
        words = [f"{short(count)} · {share_words(share)}" for count, share in zip(table[column], shares, strict=True)]
        figure.add_trace(_bars(table["name"], shares, words, what, most), row=1, col=number)
        figure.add_trace(_labels(words), row=1, col=number)
    figure.update_xaxes(visible=False, range=[0, max(table["params_share"].max(), table["macs_share"].max())])
    figure.update_yaxes(showgrid=False, zeroline=False, range=[len(table) - 0.4, -0.75])
    figure.update_yaxes(tickvals=list(range(len(table))), ticktext=list(table["name"]), row=1, col=1)
    figure = arranged(figure, title=wrapped(finding(description)), x="", y="", height=ROW * (len(table) + 1))
    heads = (
        f"parameters<br>{short(description.params)} with<br>{class_words(description)}",
        f"MACs at {description.input_size} px<br>{short(description.macs)} in all",
    )
    for number, text in enumerate(heads, start=1):
        figure.add_annotation(
            text=text,
            x=0,
            xref=f"x{number if number > 1 else ''} domain",
            xanchor="left",
            y=1,
            yref="paper",
            yanchor="bottom",
            align="left",
            showarrow=False,
            font={"size": FONT_SIZE},
        )
    figure.layout.margin.t += HEADS
    figure.layout.meta["top"] += HEADS
    figure.layout.height += HEADS
    return figure


def _bars(names: pd.Series, shares: pd.Series, words: list[str], what: str, most: int) -> go.Bar:
    return go.Bar(
        x=shares,
        y=[index + 0.2 for index in range(len(shares))],
        width=0.36,
        orientation="h",
        name=what,
        showlegend=False,
        marker={"color": OUTPUT, "opacity": [1 if index == most else 0.65 for index in range(len(shares))]},
        customdata=[[name, text] for name, text in zip(names, words, strict=True)],
        hovertemplate=f"%{{customdata[0]}}: %{{customdata[1]}}<extra>{what}</extra>",
    )


def _labels(words: list[str]) -> go.Scatter:
    return go.Scatter(
        x=[0] * len(words),
        y=[index - 0.17 for index in range(len(words))],
        text=words,
        mode="text",
        textposition="middle right",
        textfont={"size": FONT_SIZE},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )


def finding(description: rc.Description) -> str:
    """Which stage holds most parameters, and how much of the work it does."""
    table = stage_table(description)
    row = table.iloc[int(table["params"].to_numpy().argmax())]
    last = table.loc[table["blocks"] > 0, "name"].iloc[-1]
    name = row["name"]
    who = f"The last stage ({name})" if name == last else f"Stage {name}" if row["blocks"] else f"The {name}"
    holds, does = row["params_share"], row["macs_share"]
    joint = "and does" if 1 / APART <= does / holds <= APART else "but does"
    return f"{who} holds {share_words(holds)} of the parameters {joint} {share_words(does)} of the work"


def stage_words(description: rc.Description) -> str:
    """The chart in words, as alt text."""
    rows = [
        f"{row['name']} {short(row['params'])} ({share_words(row['params_share'])}) and {short(row['macs'])} "
        f"({share_words(row['macs_share'])})"
        for row in stage_table(description).to_dict("records")
    ]
    return f"{finding(description)}. Parameters and MACs at {description.input_size} pixels: {'; '.join(rows)}"


def class_words(description: rc.Description) -> str:
    """How many classes the head has: a count of parameters means little without it."""
    return f"{description.num_classes:,} class{'es' * (description.num_classes != 1)}"


def short(count: int) -> str:
    """A count in three digits with its unit: 9.54 k, 7.1 M, 1.46 G."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if count >= 0.9995 * size:
            return f"{count / size:.3g}{unit}"
    return str(count)


def share_words(share: float) -> str:
    """A share in percent: without decimals if they do not matter, never rounded to 0 % or 100 %."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.1f} %"
