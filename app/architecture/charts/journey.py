"""The pictures of a photo on its way through a network, in a row: each stage with the shape of its output."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.shared.drawing import heat
from app.shared.drawing.svg import shape_text

SIDE = 112  # pixels of a picture at most
STYLE = """<style>
.journey {display: grid; grid-template-columns: repeat(auto-fit, minmax(76px, 1fr)); gap: .5rem;
  max-width: 920px}
.journey .stage {font-size: .8rem; line-height: 1.25; text-align: center; min-width: 0}
.journey .frame {aspect-ratio: 1; border-radius: 6px; overflow: hidden; margin-bottom: .2rem; display: grid;
  place-items: center; border: 2px solid color-mix(in srgb, currentColor 25%, transparent); font-weight: 700}
.journey .here .frame {border: 3px solid currentColor}
.journey img {width: 100%; height: 100%; image-rendering: pixelated; display: block}
.journey .ahead > * {visibility: hidden}
.journey .ahead {border-radius: 6px; background: color-mix(in srgb, currentColor 6%, transparent)}
.journey b, .journey span {display: block}
</style>"""


@dataclass(frozen=True)
class Step:
    """One stage: its name, the shape of its output, and the picture of it as a data URL; the last has an answer."""

    name: str
    shape: tuple[int, ...]
    picture: str = ""
    answer: str = ""


def journey_html(steps: list[Step], come: int) -> str:
    """The first `come` of the steps; the others keep their place, so that nothing moves."""
    items = "".join(_item(step, ahead=number > come, here=number == come) for number, step in enumerate(steps, 1))
    return f'{STYLE}<div class="journey" role="list" aria-label="The photo on its way">{items}</div>'


def _item(step: Step, *, ahead: bool, here: bool) -> str:
    inner = html.escape(step.answer)
    if step.picture:
        inner = f'<img src="{step.picture}" alt="{html.escape(step.name)}: {_alt(step)}">'
    state, hidden = ("ahead", ' aria-hidden="true"') if ahead else ("here" if here else "come", "")
    shape = shape_text(step.shape) if len(step.shape) > 1 else f"{step.shape[0]} classes"
    words = f"<b>{html.escape(step.name)}</b><span>{shape}</span>"
    return f'<div class="stage {state}" role="listitem"{hidden}><div class="frame">{inner}</div>{words}</div>'


def _alt(step: Step) -> str:
    if step.name == "photo":
        return f"what the network sees, {step.shape[-1]} by {step.shape[-1]} pixels"
    return f"mean of its {step.shape[0]} channels, {step.shape[-2]} by {step.shape[-1]} values"


def mean_picture(values: NDArray[np.float32]) -> str:
    """A map (H, W) as a small picture on its own scale, as a data URL; each value is a square."""
    small = heat.coloured(values, heat.scale_of(values, signed=False))
    if small.width > SIDE:
        small = small.resize((SIDE, SIDE), Image.Resampling.BOX)
    return heat.data_url(heat.png(small))


def photo_picture(view: Image.Image) -> str:
    """What the network sees, small, as a data URL."""
    return heat.data_url(heat.png(view if view.width <= SIDE else view.resize((SIDE, SIDE), Image.Resampling.BICUBIC)))
