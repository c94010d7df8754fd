"""What the lesson on maps measures: the checks that the Attributions page runs, for the step's photo."""

from __future__ import annotations

from collections.abc import Sequence

import resnet_core as rc
from app.attributions.options import key_of, offered
from app.course.lesson import Measured
from app.course.measured.settings import Settings, net_of, one_of, pair, photo_of
from app.engine import compute
from app.shared import explanations
from app.shared.drawing.bars import decimals
from app.shared.magnitudes import between
from resnet_core.attribution.methods.method import Options


def kept_beyond(settings: Settings, of: str) -> Measured:
    """How much of the first method's map is left while weights are made random, less that of the second's.

    What is left is the rank correlation with the map, the mean over all steps below the head, from the smallest to the
    largest of the draws.
    """
    checks = [_check(settings, title, "randomisation").randomisation for title in pair(of)]
    first, second = ([] if found is None else list(found.kept_by_draw) for found in checks)
    if not first or not second:
        raise rc.ResNetCoreError(f"One of the maps of {of} cannot be compared: it has no values.")
    words = {"first": _between(first), "second": _between(second), "draws": str(min(len(first), len(second)))}
    return Measured(min(first) - max(second), max(first) - min(second), words)


def alike_for_another_class(settings: Settings, of: str) -> Measured:
    """The rank correlation of a method's map with its maps of other classes."""
    found = _check(settings, of, "random_logit").random_logit
    if found is None:
        raise rc.ResNetCoreError(f"{of} has no maps of other classes here.")
    alike = found.others["rank_correlation"].tolist()
    return Measured(min(alike), max(alike), {"alike": _between(alike), "others": str(len(alike))})


def _between(values: Sequence[float]) -> str:
    return between(decimals(min(values)), decimals(max(values)))


def _check(settings: Settings, title: str, name: str) -> rc.TrustRecord:
    """One check of a method's map, as the page runs it."""
    net, photo = net_of(settings), photo_of(settings)
    answer = compute.prediction(net, photo)
    target = one_of(
        settings, "class", dict(zip(answer["index"], answer["class"], strict=True)), answer["index"].iloc[0]
    )
    methods = [method for method in rc.METHODS.values() if method.title == title]
    if not methods:
        raise rc.ResNetCoreError(f"There is no method {title}.")
    options = _options(settings, methods[0], compute.model(net).variant)
    return explanations.check(net, photo, int(target), methods[0].id, name, **options)


def _options(settings: Settings, method: rc.Method, variant: rc.Variant) -> Options:
    """The options of a method that the settings say, or else the usual ones."""
    found = {}
    for option in method.options:
        offer, usual = offered(option, variant)
        try:
            found[option.name] = offer.read(list(settings[key_of(method, option)]))
        except (KeyError, ValueError):
            found[option.name] = usual
    return found
