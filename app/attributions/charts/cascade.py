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

from app.shared.drawing.colours import DIVERGING, OUTPUT, RESIDUAL, SEQUENTIAL, SHORTCUT, css_gradient
from app.shared.drawing.heat import coloured, data_url, png, scale_of
from app.shared.drawing.layout import GREY, arranged, wrapped
from resnet_core.checks.draws import mean_of
from resnet_core.checks.judges import AVERAGE, correlation, plus_minus, spread, times
from resnet_core.checks.limits import CHANCE_LEVEL
from resnet_core.checks.records import Randomisation

SIDE, GAP, LABEL, LETTERS = 220, 8, 40, 27  # pixels of a map, between two, of the label over it, of its letters
LABEL_BACKGROUND, LABEL_TEXT = (38, 44, 54), (255, 255, 255)  # words on their own background are readable on every page
WIDE, NARROW = 8, 3  # maps in a row where there is room, and on a phone
ORIGINAL = "original"
FRAME = 256  # pixels of a map of the moment
MANY = 16  # at most so many parts are named on the axis

# column, its name in the legend, colour, dash, symbol
LINES = (
    ("rank_correlation", "rank correlation", OUTPUT, "solid", "circle"),
    ("abs_rank_correlation", "rank correlation of |map|", SHORTCUT, "dash", "square"),
    ("ssim", "SSIM", RESIDUAL, "dashdot", "diamond"),
)


@dataclass(frozen=True, eq=False)
class RandomisedMap:
    """One map (H, W) of the cascade: `name` is the last part made random, or "original"."""

    name: str
    values: NDArray[np.floating]


def cascade_png(steps: Sequence[RandomisedMap], *, signed: bool, columns: int = WIDE) -> bytes:
    """The maps in reading order as one PNG, a name over each; gaps are transparent.

    Every map has its own scale, since random weights change the size of logits, and with them of maps, a lot.
    """
    columns = min(columns, len(steps))
    rows = -(-len(steps) // columns)
    size = (columns * (SIDE + GAP) - GAP, rows * (LABEL + SIDE + GAP) - GAP)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(LETTERS)
    for number, step in enumerate(steps):
        row, column = divmod(number, columns)
        left, top = column * (SIDE + GAP), row * (LABEL + SIDE + GAP)
        draw.rectangle((left, top, left + SIDE - 1, top + LABEL - 1), fill=LABEL_BACKGROUND)
        draw.text((left + SIDE / 2, top + LABEL / 2), step.name, fill=LABEL_TEXT, font=font, anchor="mm")
        heat = coloured(step.values, scale_of(step.values, signed=signed))
        picture.paste(heat.resize((SIDE, SIDE), Image.Resampling.BILINEAR), (left, top + LABEL))
    return png(picture)


def cascade_html(steps: Sequence[RandomisedMap], *, signed: bool, alt: str) -> str:
    """The maps as HTML that wraps: up to 8 maps in a row, 3 on a narrow page. Needs no other file."""
    shown = [
        f'<img class="{name}" alt="{html.escape(alt)}" '
        f'src="{data_url(cascade_png(steps, signed=signed, columns=columns))}">'
        for name, columns in (("wide", WIDE), ("narrow", NARROW))
    ]
    width = min(WIDE, len(steps)) * SIDE
    style = (
        "<style>.cascade {container-type: inline-size} .cascade img {width: 100%; display: none; margin-bottom: .3rem} "
        f".cascade .wide {{max-width: {width}px}} .cascade .narrow {{display: block; max-width: {NARROW * SIDE}px}} "
        "@container (min-width: 480px) {.cascade .wide {display: block} .cascade .narrow {display: none}}</style>"
    )
    return f'{style}<div class="cascade">{"".join(shown)}{_legend(signed=signed)}</div>'


def frame_of(found: Randomisation, number: int) -> str:
    """How similar the map is to the original after `number` parts were made random."""
    if number == 0:
        return "the map itself"
    return f"rank correlation {_said(found.table.iloc[number - 1])}"


def stage_words(units: Sequence[str], number: int) -> str:
    """Which parts are random after `number` of them were made so."""
    if number == 0:
        return "All weights are as trained"
    return f"Random weights in {', '.join(units[:number])}" if number < len(units) else "All weights are random"


def frame_html(method: str, picture: str, said: str) -> str:
    """One map of the moment, from its data URL."""
    words = html.escape(f"{method}, {said}")
    return f'<img style="width:100%;max-width:{FRAME}px;display:block" src="{picture}" alt="{words}">'


def _said(step: pd.Series) -> str:
    """From the lowest to the highest rank correlation of the draws, one digit each."""
    return spread([] if np.isnan(step["rank_correlation"]) else [step["low"], step["high"]], 1)


def _legend(*, signed: bool) -> str:
    stops = DIVERGING if signed else SEQUENTIAL
    low, high = ("negative", "positive") if signed else ("0", "its strongest")
    bar = f'<span style="height:10px;width:6rem;border-radius:4px;background:{css_gradient(stops)}"></span>'
    words = f"Every map has its own scale, from {low} to {high}"
    return (
        f'<div role="img" aria-label="{words}" style="display:flex;flex-wrap:wrap;align-items:center;gap:0 .5rem;'
        f'font-size:.85rem"><span>{low}</span>{bar}<span>{high};</span><span>every map has its own scale</span></div>'
    )


def cascade_chart(found: Randomisation) -> go.Figure:
    """How similar a map still is to the original, after each part of the network was made random.

    The original comes first, at 1. Bars are the range of the rank correlation over the random networks; the grey band
    is what random maps as smooth reach: within it a similarity means nothing.
    """
    table = _from_original(found.table)
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
    figure.add_hrect(y0=-found.chance, y1=found.chance, fillcolor=GREY, opacity=0.22, line_width=0, layer="below")
    figure = arranged(
        figure,
        title=wrapped(title(found)),
        note="Grey: what random maps as smooth reach by chance.",
        x="random from the head down to here",
        y="likeness to the original (1 = same)",
    )
    named = list(range(0, len(table), -(-len(table) // MANY)))
    units = [table["unit"][number] for number in named]
    figure.update_xaxes(tickvals=named, ticktext=units, range=[-0.3, len(table) - 0.7])
    lowest = min(0.0, float(np.nanmin([0.0, *(table[line[0]].min() for line in LINES)])))
    return figure.update_yaxes(range=[lowest - 0.08, 1.08])


def _ends(table: pd.DataFrame) -> dict[str, object]:
    """Bars from the lowest to the highest rank correlation."""
    up, down = (table["high"] - table["rank_correlation"]), (table["rank_correlation"] - table["low"])
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.5, "width": 4}


def _from_original(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the original in front."""
    first = pd.DataFrame({"unit": [ORIGINAL], **{line[0]: [1.0] for line in LINES}})
    return pd.concat([first, table], ignore_index=True)


def title(found: Randomisation) -> str:
    """The rank correlation that random weights leave below the head, with its margin."""
    kept = found.kept_by_draw
    return f"Rank correlation left: {correlation(kept)}" if kept else "No rank correlation below the head"


def finding(found: Randomisation, method: str) -> str:
    """What random weights leave of the map, as on its card: over the parts below the head, against chance."""
    kept = mean_of(found.kept_by_draw)
    if not kept.draws:
        return f"{method}: without a rank correlation below the head, nothing can be said of its map"
    left = correlation(found.kept_by_draw, after=AVERAGE)
    return (
        f"Random weights, drawn {times(kept.draws)}, leave the map of {method} a rank correlation of {left}; "
        f"{100 * CHANCE_LEVEL:.0f} % of random maps as smooth stay below "
        f"{plus_minus(found.chance, found.chance_margin)} in size"
    )


def cascade_words(found: Randomisation, method: str) -> str:
    """Chart and maps in words, as alt text."""
    steps = ", ".join(f"{row['unit']} {_said(row)}" for _, row in found.table.iterrows())
    return (
        f"{finding(found, method)}. Rank correlations of the draws with the original as parts are made random: {steps}"
    )
