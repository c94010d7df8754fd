"""Weights made random one part after the other, from the head down: does the map change? (Adebayo et al. 2018)"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.shared.drawing.bars import decimals
from app.shared.drawing.colours import DIVERGING, OUTPUT, RESIDUAL, SEQUENTIAL, SHORTCUT, css_gradient
from app.shared.drawing.heat import bar, coloured, data_url, png, scale_of
from app.shared.drawing.layout import GREY, arranged, wrapped
from resnet_core.checks.judges import plus_minus
from resnet_core.checks.limits import CHANCE_LEVEL

TILE, GAP, LABEL, LETTERS = 220, 8, 40, 27  # pixels of a map, between two, of the plate with its name, of its letters
PLATE, ON_PLATE = (38, 44, 54), (255, 255, 255)  # words on a plate of their own are readable on every page
WIDE, NARROW = 8, 3  # maps in a row where there is room, and on a phone
ORIGINAL = "original"
MANY = 16  # at most so many parts are named on the axis

# column, its name in the legend, colour, dash, symbol
LINES = (
    ("rank_correlation", "rank correlation", OUTPUT, "solid", "circle"),
    ("abs_rank_correlation", "the same of magnitudes", SHORTCUT, "dash", "square"),
    ("ssim", "SSIM", RESIDUAL, "dashdot", "diamond"),
)


@dataclass(frozen=True, eq=False)
class Step:
    """One map (H, W) of the cascade: `name` is the last part made random, or "original"."""

    name: str
    values: NDArray[np.floating]


def strip_png(steps: Sequence[Step], *, signed: bool, columns: int = WIDE) -> bytes:
    """The maps in reading order as one PNG, a name over each; every map has a scale of its own, gaps are transparent.

    A scale of its own, since random weights make logits, and with them maps, of quite another size.
    """
    columns = min(columns, len(steps))
    rows = -(-len(steps) // columns)
    size = (columns * (TILE + GAP) - GAP, rows * (LABEL + TILE + GAP) - GAP)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(LETTERS)
    for number, step in enumerate(steps):
        row, column = divmod(number, columns)
        left, top = column * (TILE + GAP), row * (LABEL + TILE + GAP)
        draw.rectangle((left, top, left + TILE - 1, top + LABEL - 1), fill=PLATE)
        draw.text((left + TILE / 2, top + LABEL / 2), step.name, fill=ON_PLATE, font=font, anchor="mm")
        heat = coloured(step.values, scale_of(step.values, signed=signed))
        picture.paste(heat.resize((TILE, TILE), Image.Resampling.BILINEAR), (left, top + LABEL))
    return png(picture)


def strip_html(steps: Sequence[Step], *, signed: bool, alt: str) -> str:
    """The strip as HTML that wraps: up to 8 maps in a row, on a narrow page 3. Needs no other file."""
    shown = [
        f'<img class="{name}" alt="{html.escape(alt)}" '
        f'src="{data_url(strip_png(steps, signed=signed, columns=columns))}">'
        for name, columns in (("wide", WIDE), ("narrow", NARROW))
    ]
    width = min(WIDE, len(steps)) * TILE
    style = (
        "<style>.cascade {container-type: inline-size} .cascade img {width: 100%; display: none; margin-bottom: .5rem} "
        f".cascade .wide {{max-width: {width}px}} .cascade .narrow {{display: block; max-width: {NARROW * TILE}px}} "
        "@container (min-width: 600px) {.cascade .wide {display: block} .cascade .narrow {display: none}}</style>"
    )
    return f'{style}<div class="cascade">{"".join(shown)}{_legend(signed=signed)}</div>'


def _legend(*, signed: bool) -> str:
    stops = DIVERGING if signed else SEQUENTIAL
    low = ("−", "its strongest against the class") if signed else ("0", "its least")
    high = ("+" if signed else "most", "its strongest for the class" if signed else "its own strongest")
    return bar(
        css_gradient(stops), "Each map has its own colour scale,", low, high, "Every map has a scale of its own."
    )


def cascade_chart(table: pd.DataFrame, method: str, chance: float = float("nan"), margin: float = 0.0) -> go.Figure:
    """How like the original the map of `method` still is, after each part of the network was made random.

    `table` has one row a part, from the head down: unit, ssim, rank_correlation, abs_rank_correlation. The original
    itself stands first, at 1. `chance`, if known but for `margin`, is the rank correlation that random maps as smooth
    reach: within the grey band a likeness means nothing. Columns low and high, if there, are the ends of the rank
    correlation over several random networks.
    """
    table = _from_original(table)
    figure = go.Figure()
    for column, name, colour, dash, symbol in LINES:
        values = table[column].astype(float)
        figure.add_trace(
            go.Scatter(
                x=list(range(len(table))),
                y=values.where(np.isfinite(values)),
                name=name,
                mode="lines+markers",
                line={"color": colour, "width": 3, "dash": dash},
                marker={"size": 10, "symbol": symbol, "color": colour, "line": {"width": 0}},
                customdata=table["unit"],
                hovertemplate="%{customdata}: %{y:.2f}<extra>" + name + "</extra>",
                error_y=_ends(table) if column == "rank_correlation" else None,
            )
        )
    if np.isnan(chance):
        figure.add_hline(y=0, line={"dash": "dot", "width": 1, "color": GREY})
    else:
        figure.add_hrect(y0=-chance, y1=chance, fillcolor=GREY, opacity=0.22, line_width=0, layer="below")
    figure = arranged(
        figure,
        title=wrapped(finding(table, method, chance, margin)),
        note=""
        if np.isnan(chance)
        else f"Grey: what random maps as smooth reach by chance, up to {plus_minus(chance, margin)}.",
        x="random from the head down to here",
        y="likeness to the original (1 = same)",
    )
    named = list(range(0, len(table), -(-len(table) // MANY)))
    units = [table["unit"][place] for place in named]
    figure.update_xaxes(tickvals=named, ticktext=units, range=[-0.3, len(table) - 0.7])
    lowest = min(0.0, float(np.nanmin([0.0, *(table[line[0]].min() for line in LINES)])))
    return figure.update_yaxes(range=[lowest - 0.08, 1.08])


def _ends(table: pd.DataFrame) -> dict[str, object] | None:
    """Bars from the lowest to the highest rank correlation; None where there is one network only."""
    if not {"low", "high"} <= set(table):
        return None
    up, down = (table["high"] - table["rank_correlation"]), (table["rank_correlation"] - table["low"])
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.5, "width": 4}


def _from_original(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the original in front, unless it is there already."""
    if len(table) and table["unit"].iloc[0] == ORIGINAL:
        return table
    first = pd.DataFrame({"unit": [ORIGINAL], **{line[0]: [1.0] for line in LINES}})
    return pd.concat([first, table], ignore_index=True) if len(table) else first


def finding(table: pd.DataFrame, method: str, chance: float = float("nan"), margin: float = 0.0) -> str:
    """What random weights leave of the map: the mean rank correlation of the steps below the head, against chance."""
    rows = table[table["unit"] != ORIGINAL]
    values = rows["rank_correlation"].astype(float)
    kept = float(values.iloc[1:].mean())
    if rows.empty:
        return "No part of the network has been made random yet"
    if np.isnan(kept):
        return f"{method}: without a rank correlation below the head, nothing can be said of its map"
    said = f"Random weights leave the map of {method} a rank correlation of {_number(kept)} on average"
    if np.isnan(chance):
        return said
    level = plus_minus(chance, margin)
    return f"{said}; {100 * CHANCE_LEVEL:.0f} % of random maps as smooth stay below {level} in size"


def _number(value: float) -> str:
    return "none" if np.isnan(value) else decimals(value)


def cascade_words(table: pd.DataFrame, method: str, chance: float = float("nan"), margin: float = 0.0) -> str:
    """The gist of chart and strip for those who do not see them."""
    rows = table[table["unit"] != ORIGINAL]
    said = ", ".join(f"{row['unit']} {_number(row['rank_correlation'])}" for _, row in rows.iterrows())
    steps = f". Rank correlation with the original as parts are made random: {said}" if said else ""
    return finding(table, method, chance, margin) + steps
