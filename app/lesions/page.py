"""Lesions: blocks taken out, all subnetworks, the paths of the gradient, the answer read out early."""

from __future__ import annotations

from app.engine import compute
from app.engine.selection import Selection
from app.lesions import along, blocks, combined, recorded
from app.shared import input_view, link, sentences, sidebar
from app.shared.errors import explained
from app.shared.linked import Linked

TABS = {
    "Blocks": blocks.draw,
    "All subnetworks": combined.draw,
    "Paths": along.draw_paths,
    "Read-out": along.draw_readout,
}


def draw() -> None:
    selection = sidebar.selection()
    if not input_view.at_hand(selection.net):
        return
    with explained():
        if input_view.answers(selection.net, selection.photo) is None:
            return
        parts(selection)
        sentences.speaker(compute.model(selection.net))


@link.part
def parts(selection: Selection) -> None:
    """One of the parts; the others are neither drawn nor computed, and what is chosen here redraws nothing else."""
    tabs = {**TABS, **({"Test set": recorded.draw} if recorded.tables(selection.net) else {})}
    chosen, tab = Linked().tabs(list(tabs), key="lesions")
    with tab, explained():
        tabs[chosen](selection)


draw()
