"""Which map is asked for, whether probabilities are corrected, and whether the page shows how often they are right."""

from __future__ import annotations

from dataclasses import dataclass

from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.shared.linked import Linked
from app.shared.map_choice import DEFAULT_METHOD


@dataclass(frozen=True)
class MapChoice:
    """The method of the map, and how it is laid over the photo."""

    method: str
    opacity: float


def map_choice(place: DeltaGenerator, row: DeltaGenerator) -> MapChoice:
    """Widgets for method and opacity."""
    method = Linked(place).selectbox(
        "Method",
        list(rc.METHODS),
        default=DEFAULT_METHOD,
        format_func=lambda name: rc.METHODS[name].title,
        key="method",
    )
    opacity = Linked(row.popover("Display", icon=":material/tune:", key="display")).slider(
        "Opacity of the map", 0, 100, 60, 10, format="%d %%", key="opacity"
    )
    return MapChoice(method, opacity / 100)


def temperature(weights: rc.Weights | None, which: str) -> float | None:
    """A switch, if a temperature is known; the temperature if it is on."""
    if weights is None or weights.temperature is None:
        return None
    on = Linked().toggle(
        "Temperature scaling",
        key=f"temperature{which}",
        help="The logits are divided by one number, the same for all pictures, so that probabilities agree better with "
        "how often answers are right. (Guo et al. 2017)",
    )
    return weights.temperature if on else None


def reliability(which: str) -> tuple[DeltaGenerator, bool]:
    """The expander, and whether it is open: only then is a chart sent, and with it the library that draws it."""
    part = Linked().expander("Is it right as often as it says?", key=f"reliability{which}", icon=":material/target:")
    return part, bool(part.open)
