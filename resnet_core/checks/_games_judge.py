"""What deletion and insertion mean: whether the map beats random ones, and whether the filling allows a verdict."""

from __future__ import annotations

from resnet_core.checks.draws import Estimate, share_of
from resnet_core.checks.judges import Verdict, number
from resnet_core.checks.limits import BEATEN, LEFT_BY_THE_FILL
from resnet_core.checks.records import Deletion


def judge_deletion(found: Deletion) -> Verdict:
    """Whether the map's order beats that of random maps, in both games."""
    table = found.table
    start = (table["curve"] == "deletion") & (table["order"] == "map") & (table["share"] == 0)
    whole = float(table[found.judged][start].iloc[0])
    down, up = (_beaten(found, curve) for curve in ("deletion", "insertion"))
    value = f"{down.hits} and {up.hits} of {down.draws}"
    alone = found.alone.set_index("fill")[found.judged]
    if alone[found.fill] > most_left(whole, found.judged):
        return Verdict(value, _not_neutral(found, whole), "unknown")
    if _all_alike(found):
        sentence = f"Every order of the pixels gives the same areas: the {found.judged} does not tell maps apart here."
        return Verdict(value, sentence, "unknown")
    sentence = (
        f"Deleting the pixels that the map ranks first lowers the {found.judged} faster than {down.hits} of "
        f"{down.draws} random maps as smooth as it do (area {_areas(found, 'deletion')}). Inserting them first raises "
        f"it faster than {up.hits} of {up.draws} (area {_areas(found, 'insertion')}). Filled with {found.fill}, which "
        f"alone leaves {number(alone[found.fill])} of {number(whole)}."
    )
    if down.low >= BEATEN and up.low >= BEATEN:
        return Verdict(value, sentence, "good")
    if down.high < BEATEN or up.high < BEATEN:
        return Verdict(value, sentence, "doubtful")
    return Verdict(value, f"{sentence} So few draws do not tell whether it beats two of three.", "undecided")


def most_left(whole: float, judged: str) -> float:
    """How much of the class a filling alone may leave, so that removing pixels can show something."""
    return LEFT_BY_THE_FILL * whole if judged == "probability" else whole


def _not_neutral(found: Deletion, whole: float) -> str:
    """Why the games say nothing with this filling, and which filling to choose instead."""
    alone = found.alone.set_index("fill")[found.judged].sort_values()
    neutral = alone[alone <= most_left(whole, found.judged)]
    advice = (
        f"The fill {neutral.index[0]} leaves {number(neutral.iloc[0])}: choose that."
        if len(neutral)
        else "None of the other fills is neutral for this class either."
    )
    return (
        f"With every pixel replaced by the fill {found.fill} the {found.judged} is still {number(alone[found.fill])}, "
        f"against {number(whole)} for the picture: what goes with the pixels is not the class, so these games cannot "
        f"decide. {advice}"
    )


def _beaten(found: Deletion, curve: str) -> Estimate:
    rows = found.table[found.table["curve"] == curve]
    return share_of(int(rows["beaten"].iloc[0]), int(rows["draws"].iloc[0]))


def _all_alike(found: Deletion) -> bool:
    """Whether some game gives the map and all random maps the very same area."""
    return bool((found.areas.groupby("curve")[found.judged].nunique() == 1).any())


def _areas(found: Deletion, curve: str) -> str:
    areas = found.areas[found.areas["curve"] == curve]
    random = areas[areas["order"] == "random"][found.judged]
    own = areas[areas["order"] == "map"][found.judged].mean()
    return f"{number(own)}; theirs from {number(random.min())} to {number(random.max())}"
