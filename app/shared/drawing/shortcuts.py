"""The kinds of shortcuts as every page names and marks them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShortcutStyle:
    """One kind: `name` in a legend, `short` where there is little room, `phrase` in a sentence, and its marks."""

    name: str
    short: str
    phrase: str
    mark: str
    symbol: str  # Plotly's


SHORTCUTS: dict[str, ShortcutStyle] = {
    "identity": ShortcutStyle("identity", "identity", "identity shortcut", "━", "circle"),
    "projection": ShortcutStyle("1×1 projection", "projection", "projection shortcut", "◆", "diamond"),
    "zero-pad": ShortcutStyle("zero padding", "zero padding", "zero-padded shortcut", "┅", "square-open"),
    "none": ShortcutStyle("no shortcut (plain)", "plain", "no shortcut", "∅", "triangle-up"),
}
