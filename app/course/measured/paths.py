"""What the lesson on paths measures: through how many residual branches they lead, and the gradient comes."""

from __future__ import annotations

from app.course.lesson import Measured
from app.course.measured.settings import Settings, net_of, photo_of, photos
from app.lesions import computed
from app.lesions.charts.paths import middle, path_shares
from app.shared.magnitudes import counted, span


def paths(settings: Settings, _of: str) -> Measured:
    """How many paths lead through the network."""
    table = computed.spectrum(net_of(settings), photo_of(settings))
    found = float(table["paths"].sum())
    return Measured(found, found, {"paths": f"{found:,.0f}", "blocks": str(table["length"].iloc[-1])})


def blocks_on_the_gradients_way(settings: Settings, _of: str) -> Measured:
    """The part of all blocks that the gradient goes through, on average over its norms, for each sample photo."""
    net = net_of(settings)
    tables = [computed.spectrum(net, photo) for photo in photos()]
    means = [float((table["length"] * table["share"]).sum()) for table in tables]
    here = computed.spectrum(net, photo_of(settings))
    lengths = here["length"]
    words = {
        "most": counted(middle(lengths, here["share"])),
        "usual": counted(middle(lengths, path_shares(here))),
        "blocks": str(lengths.iloc[-1]),
        "mean": span(means),
        "photos": str(len(tables)),
    }
    return Measured(min(means) / lengths.iloc[-1], max(means) / lengths.iloc[-1], words)
