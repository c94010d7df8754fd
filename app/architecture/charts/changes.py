"""What an option changed and what it costs, in one sentence, from two descriptions and the paper's tables."""

from __future__ import annotations

import resnet_core as rc
from app.shared.families import FAMILIES
from resnet_core.variants import PAPER_ERRORS, Shortcut


def change_words(own: rc.Description, now: rc.Description) -> str:
    """How `now` differs from the network `own`, at what cost, and what the authors measured; "" if in nothing."""
    changed = change_verdict(own, now)
    return f"{changed}. {paper_words(own, now)}".strip() if changed else ""


def change_verdict(own: rc.Description, now: rc.Description) -> str:
    """How `now` differs from the network `own` of the same variant and input size, at what cost; "" if in nothing."""
    changes = []
    if now.shortcut != own.shortcut:
        changes.append(_shortcut_change(own, now))
    if now.version != own.version and now.variant.block == "bottleneck":
        changes.append(f"Version {now.version} puts the stride on the {_stride(now)}")
    if not changes:
        return ""
    cost = ", ".join((_difference(now.params - own.params, "parameters"), _difference(now.macs - own.macs, "MACs")))
    return f"{' and '.join(changes)}: {cost}"


def _stride(now: rc.Description) -> str:
    return "first 1×1 conv" if now.version == "v1" else "3×3 conv"


def _shortcut_change(own: rc.Description, now: rc.Description) -> str:
    if now.shortcut == "none":
        return f"Without shortcuts {now.variant.title} becomes {now.variant.plain_title}"
    more = now.variant.projections(now.shortcut) - own.variant.projections(own.shortcut)
    projections = f"{abs(more)} projection{'' if abs(more) == 1 else 's'}"
    if own.shortcut == "none":
        among = f", {projections} among them" if more else ""
        return f"Option {now.shortcut} gives the plain network its {len(now.blocks)} shortcuts back{among}"
    return f"Option {now.shortcut} {'adds' if more > 0 else 'removes'} {projections}"


def _difference(count: int, what: str) -> str:
    if count == 0:
        return f"the same {what}"
    return f"{'+' if count > 0 else '−'}{abs(count):,} {what}"


def paper_words(own: rc.Description, now: rc.Description) -> str:
    """What the authors measured for the same two networks, "" if they did not."""

    def error(option: Shortcut) -> float | None:
        return PAPER_ERRORS.get((now.variant.name, option))

    before, after = error(own.shortcut), error(now.shortcut)
    if own.shortcut == now.shortcut or before is None or after is None:
        return ""
    source, what = FAMILIES[now.variant.family].errors
    points, way = abs(after - before), "better" if after < before else "worse"
    return f"{source}: {before} % → {after} % ({what} of {now.variant.title}), {points:.2f} points {way}."


def small_words(description: rc.Description) -> str:
    """What a small picture does to the last stages: how much of a 3×3 window is padding; "" if it is little.

    The first sentence says how small the maps are. On maps of 1×1 and 2×2 every window covers the whole map, so it
    holds as many values as the map.
    """
    stages = description.stages.query("blocks > 0")
    small = stages[[shape[1] <= 2 for shape in stages["output"]]]
    if small.empty:
        return ""
    first, last = small.iloc[0], small.iloc[-1]
    name = first["paper_name"] if first["paper_name"] == first["name"] else f"{first['paper_name']} ({first['name']})"
    side = int(last["output"][1])
    where = f"{first['output'][1]}×{first['output'][1]} in {name} and {side}×{side} at the end"
    if len(small) == 1:
        where = f"{side}×{side} at the end, in {name}"
    values, window = side**2, 3 * 3
    weights = "its other weights meet no value" if side == 1 else "each of its weights meets a value at some position"
    return (
        f"At {description.input_size} pixels the maps are {where}. There the window of a 3×3 conv holds {values} "
        f"value{'s' * (values > 1)} and {window - values} zeros of padding ({weights}): the network runs, but its last "
        "3×3 conv reads more padding than values."
    )
