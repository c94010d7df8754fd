"""Every sentence that is made from data, held against records of every odd kind: no number in it is invented.

A number is read back from the sentence and must be one of the record's, rounded; ties, zeros, NaN, infinity, one
network, one seed and seeds without a value are all among the records.
"""

from __future__ import annotations

import itertools
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import resnet_core as rc
from app.attributions import words as map_words
from app.attributions.charts import answers, cascade, curves
from app.feature_maps import words as channel_words
from app.feature_maps.charts import depth, quantities
from app.gradients import words as gradient_words
from app.gradients.charts import losses, shattering
from app.lesions import words as lesion_words
from app.lesions.charts import kept, paths, readout, several, shapley, shuffled, study, subnetworks
from app.lesions.charts.notes import View
from app.lesions.charts.notes import drawn as recorded_nets
from app.shared import sentences
from app.training_replay import schedules
from app.training_replay import words as replay_words
from app.training_replay.charts import answers as photo_epochs
from app.training_replay.charts import confusion
from resnet_core.checks.draws import Estimate, mean_of
from resnet_core.gradients.ends import ends
from resnet_core.training import tables
from tests.app.attributions.test_answers_figure import effect
from tests.app.attributions.test_cascade_figure import randomised
from tests.app.attributions.test_curves_figure import game
from tests.app.gradients.test_gradient_figures import flow
from tests.app.lesions.test_lesion_figures import combined, read, spectrum
from tests.app.lesions.test_lesion_figures import effect as lesion_effect
from tests.app.lesions.test_study_figure import errors as lesion_errors
from tests.app.lesions.test_study_figure import subnetworks as lesion_subnetworks
from tests.app.training_replay.test_confusion_figure import counts_after, recorded
from tests.app.training_replay.test_photo_epochs_figure import TABLE as ANSWERS
from tests.app.training_replay.test_replay_figures import made
from tests.sentences import unfounded

NONE, INFINITE = math.nan, math.inf
SIZES = (0.0, 8.3e-53, 0.02, 1.0, 1.9, 9.97, 999_999.0, 3.2e12, NONE, INFINITE)
SHARES = (0.0, 0.0004, 0.1, 0.12345, 0.5, 0.9996, 1.0, NONE)
CORRELATIONS = (-1.0, -0.1, -0.004, 0.0, 0.3, 0.899, 1.0, NONE)
Said = tuple[str, Iterable[float]]  # a sentence, and every number that its record holds


def drawn(values: Iterable[float], length: int, count: int = 15) -> Iterator[tuple[float, ...]]:
    """All of one value, then so many random choices, always the same."""
    pool = tuple(values)
    yield from ((value,) * length for value in pool)
    generator = np.random.default_rng(0)
    for _ in range(count):
        yield tuple(pool[place] for place in generator.integers(len(pool), size=length))


def held_by(table: pd.DataFrame) -> list[float]:
    """Every number of a table, and how many rows it has."""
    numbers = table.select_dtypes("number").to_numpy(dtype=float).ravel()
    return [*numbers.tolist(), *range(len(table) + 1)]


def gradients() -> Iterator[Said]:
    raw, step = gradient_words.QUANTITIES["raw"], gradient_words.QUANTITIES["relative step"]
    for norms in [*drawn(SIZES, 2), *drawn(SIZES, 6, 12), *drawn(SIZES, 10, 6)]:
        pairs = list(zip(norms[::2], norms[1::2], strict=True))
        plain = pd.concat([flow("plain-56", "none", list(pair), seed) for seed, pair in enumerate(pairs)])
        for table in (plain, pd.concat([plain, plain.assign(net="ResNet-56", shortcut="A")])):
            for quantity in (raw, step):
                found = ends(table, quantity.column)
                ratios = found["ratio"].to_numpy()
                with np.errstate(divide="ignore"):
                    record = [*held_by(table), *held_by(found), *(1 / ratios), *range(len(pairs) + 1)]
                yield gradient_words.finding(table, quantity), record
                yield gradient_words.flow_words(table, quantity), record
                yield gradient_words.ratio_words(table, quantity), record
            yield gradient_words.zero_words(table, double=True), record


def losses_by_step() -> Iterator[Said]:
    for first, last, other in drawn(SIZES, 3, 60):
        table = losses.loss_table([("plain-20", "none", 0, [first, last]), ("plain-20", "none", 1, [first, other])])
        yield losses.loss_words(table), held_by(table)


def correlations_on_a_path() -> Iterator[Said]:
    for values in drawn(CORRELATIONS, 3):
        table = pd.DataFrame({"net": "plain-56", "shortcut": "none", "seed": range(3), "lag": 1, "correlation": values})
        yield shattering.finding(table), held_by(table)


def recorded_runs() -> Iterator[Said]:
    for norms in drawn(SIZES, 3):
        for error in (0.0, 0.1234, 0.1236, 0.9):
            nets = {"plain-20": made("resnet20", [0.5, 0.1235], plain=True, norms=norms)}
            nets["plain-56"] = made("resnet56", [error, error], plain=True, norms=norms)
            curve, along = tables.curves_of(nets), tables.norms_of(nets)
            by_net = [along["grad_norm"].to_numpy()]
            with np.errstate(all="ignore"):
                ratios = np.divide.outer(by_net[0], by_net[0]).ravel()
            record = [*held_by(curve), *held_by(along), *ratios]
            yield replay_words.error_finding(curve, 2), record
            yield replay_words.error_verdict(curve, 2), record
            yield replay_words.error_figures(curve, 2), [*record, replay_words.CLOSE]
            yield replay_words.error_words(curve, 1), record
            yield replay_words.norm_finding(along, 1), record
            yield replay_words.norm_verdict(along, 1), record
            yield replay_words.range_words(along), record
            yield schedules.lr_finding(curve, [2]), record
            yield schedules.lr_verdict(curve, [2]), record


def along_depth() -> Iterator[Said]:
    for name, quantity in quantities.QUANTITIES.items():
        pool = {"zeros": SHARES, "cosine": CORRELATIONS}.get(name, SIZES)
        for values in drawn(pool, 4):
            table = pd.DataFrame({"block": [f"layer{place}.0" for place in range(4)], "shortcut_kind": "identity"})
            table = table.assign(**{name: values}, finite=[True, True, True, False])
            one = depth.Series("ResNet-18", table)
            two = depth.Series("ResNet-34", table.assign(**{name: values[::-1]}))
            for series in ([one], [one, two], [one, two, one]):
                known = [each.table[name][np.isfinite(each.table[name]) & each.table["finite"]] for each in series]
                record = [*held_by(table), *(each.median() for each in known), *range(5), 0.01, 0.99]
                yield str(depth.finding(series, quantity)), record
                yield depth.depth_words(series, quantity), record


def channels_of_a_sheet() -> Iterator[Said]:
    for mean, variance, zeros in zip(*(drawn(pool, 3) for pool in (SIZES, SIZES, SHARES[:-1])), strict=False):
        finite = np.isfinite(mean) & np.isfinite(variance)
        table = pd.DataFrame({"mean": mean, "variance": variance, "zeros": zeros, "finite": finite})
        yield channel_words.sheet_alt("y", table, table.index), held_by(table)
        for place, row in table.iterrows():
            record = [*held_by(table), float(row["variance"]) ** 0.5, 0.01, 0.99]
            yield channel_words.channel_label(int(str(place)), row), record
    for values in drawn((*SIZES[:5], NONE), 4):
        field = np.array(values, dtype=np.float32).reshape(2, 2)
        finite = field[np.isfinite(field)]
        mean = [float(finite.mean())] if finite.size else []
        yield channel_words.histogram_alt("channel", field), [*values, *mean]


def edited_photos() -> Iterator[Said]:
    for before, after, share in itertools.product(SHARES, SHARES, (0.0, 0.001, 0.5, 0.999, 1.0)):
        with np.errstate(all="ignore"):
            table = effect([before, 0.05], [after, 0.05])
        record = [*held_by(table), share, 0.01, 0.99, 0.001, 0.999]
        yield answers.finding(table, "the marked superpixels", share), record


def fillings() -> Iterator[Said]:
    for black, white, before in drawn(SHARES, 3):
        for fill in ("black", "white"):
            said, _ = answers.fill_words({"black": black, "white": white}, fill, "cat", before)
            yield said, [black, white, before, 0.001, 0.999]


def answers_over_epochs() -> Iterator[Said]:
    for share in SHARES:
        table = ANSWERS.assign(probability=share)
        yield photo_epochs.answers_finding(table), [*held_by(table), 0.001, 0.999]


def confusions() -> Iterator[Said]:
    for cells in filter(any, drawn((0, 1, 9), 9)):
        table = tables.counts_at(recorded(np.array(cells, dtype=int).reshape(3, 3).tolist()), 1)
        numbers = table.to_numpy()
        with np.errstate(all="ignore"):
            shares = numbers / numbers.sum(1, keepdims=True)
        record = [numbers.trace() / numbers.sum(), *shares.ravel(), *range(numbers.size + 1)]
        yield confusion.finding(table, "ResNet-20", 1), record
        yield confusion.verdict(table, "ResNet-20", 1), record
        yield confusion.confusion_words(table, "ResNet-20", 1), record
    yield confusion.finding(counts_after(2), "ResNet-20", 2), [1.0]


def agreeing_maps() -> Iterator[Said]:
    for one, two, three in drawn(CORRELATIONS, 3):
        names = ["Saliency", "Grad-CAM", "Occlusion"]
        table = pd.DataFrame([[1, one, two], [one, 1, three], [two, three, 1]], names, names, dtype=float)
        for once in ({}, {"Grad-CAM": "the random samples"}):
            yield map_words.finding(table, once), held_by(table)
            yield map_words.agreement_words(table, once), held_by(table)
            said = map_words.two_networks(table.iloc[:2, :2], once, Estimate(0.24, 0.22, 0.26, 100))
            yield said, [*held_by(table), 0.95, 0.24, 0.02]


def randomised_networks() -> Iterator[Said]:
    for values in drawn(CORRELATIONS, 8):
        for draws in ([values[:4]], [values[:4], values[4:]]):
            for chance in (0.0, 0.05, 0.9):
                with warnings.catch_warnings(action="ignore"):  # of a mean over nothing but NaN
                    found = randomised(*draws, chance=chance)
                kept = mean_of(found.kept_by_draw)
                margin = math.ceil(100 * kept.margin - 1e-9) / 100 if math.isfinite(kept.margin) else 0.0
                record = [*held_by(found.table), *found.kept_by_draw, kept.value, margin, len(draws), chance, 0.95]
                yield cascade.finding(found, "Saliency"), record
                yield cascade.title(found), record
                yield cascade.cascade_words(found, "Saliency"), record


def games() -> Iterator[Said]:
    for values in drawn(SHARES, 5, 30):
        table = game(Saliency=values)
        for curve, value in itertools.product(("deletion", "insertion"), ("probability", "logit")):
            record = [*held_by(table), *curves.areas(table, curve, value).values()]
            yield curves.finding(table, curve, value), record
            yield curves.areas_words(table, curve, value), record
            yield curves.title(table, curve), record
            yield curves.curves_words(table, curve, value), record


def first_answers() -> Iterator[Said]:
    for share in SHARES:
        rows = pd.DataFrame({"index": [3, 5], "class": ["cat", "dog"], "probability": [share, 0.25]})
        for asked, target in (("cat", 3), ("dog", 5), ("church", 5)):
            yield sentences.second_speaker("ResNet-56", rows, asked, target), [share, 0.25, 0.001, 0.999]
            yield sentences.second_speaker("random weights", rows, asked, target, trained=False), []  # no number


def laws_of_sums() -> Iterator[Said]:
    for total, missed in itertools.product((-3.14159, 0.0, 12.345), (0.0, 3e-7, 0.004, 0.123)):
        for method in ("integrated_gradients", "gradient_shap"):
            raw = torch.full((1, 1, 1, 1), total)
            record = rc.AttributionRecord(method, raw, raw, raw, True, torch.tensor([missed]), 0.1, {})
            yield sentences.completeness_words(record), [total, missed, 0.1]


def accuracies() -> Iterator[Said]:
    counted = rc.WEIGHTS["resnet18", "imagenette"]
    for share in (0.0, 0.0004, 0.12345, 0.9057, 0.9996, 1.0):
        for weights in (counted, replace(counted, calibration=None)):
            said = sentences.accuracy_words(replace(weights, accuracy=share))
            assert not re.search(r"\d\.\d", said)  # of 3,925 pictures the tenth of a per cent is noise
            assert ("3,925" in said) is (weights is counted)
            yield said, [share, 3925, 0.99, 0.01]


def answers_without_blocks() -> Iterator[Said]:
    for before, after in itertools.product(SHARES[:-1], SHARES):
        table = lesion_effect([before, 0.05], [after, 0.05])
        for gone, scale in itertools.product((["layer1.0"], ["layer1.0", "layer2.0"]), (0.0, 0.5)):
            record = [*held_by(table), scale, len(gone), 27, 0.001, 0.999]
            yield lesion_words.title("ResNet-56", table, gone, scale), record
            yield lesion_words.state("ResNet-56", gone, 27, scale), record


def combined_networks() -> Iterator[Said]:
    for values in drawn(SHARES, 8):
        for orders in (None, 20):
            says = [value > 0.1 for value in values]
            found = combined(list(values), says, orders)
            counts = found.table.groupby("blocks")["error"].agg(lambda error: (error == 0).sum())
            medians = found.table.groupby("blocks")["probability"].median()
            totals = found.table.groupby("blocks").size()
            intervals = [
                end for say, all_ in zip(counts, totals, strict=True) for end in subnetworks.between(say, all_)
            ]
            record = [*held_by(found.table), *counts, *medians, *totals, *intervals, *found.shapley]
            record += [sum(says), 20, 0.95, 0.001, 0.999]
            for said in (subnetworks.finding(found, "cat"), subnetworks.words(found, "cat")):
                yield said, record
            yield subnetworks.detail(found), record
            yield shapley.finding(found, "cat"), record
            yield shapley.detail(found), record


def recorded_lesions() -> Iterator[Said]:
    view = View(again=False, gone=(), blocks=4)
    for values in drawn(SHARES[:-1], 4):
        whole, rows = values[0], [("a", 1, values[1]), ("b", 1, values[2]), ("a b", 2, values[3])]
        each = recorded_nets([("ResNet-20", lesion_errors(whole, [("", 0, whole), *rows]))])
        several_nets = recorded_nets([("ResNet-20", lesion_errors(whole, rows, again=500))])
        orders = pd.DataFrame({"swaps": [1, 1, 9], "tau": 0.5, "errors": values[1:]})
        shuffled_nets = recorded_nets([("ResNet-20", orders.assign(change=orders["errors"] - whole, pictures=1000))])
        kept_nets = recorded_nets([("ResNet-20", lesion_subnetworks(["x", "y"], list(values)))])
        record = [*values, *(np.median(pair) for pair in itertools.combinations(values, 2))]
        record += [way(100 * value) / 100 for value in values for way in (math.floor, math.ceil)]  # outward
        record += [*range(5), 9, 500, 1000, 10_000, 0.001, 0.999]
        for said in (
            *(study.finding(each), study.words(each, view)),
            *(several.finding(several_nets), several.words(several_nets, view)),
            *(shuffled.finding(shuffled_nets), shuffled.detail(shuffled_nets)),
            *(kept.finding(kept_nets, 2), kept.words(kept_nets, View(again=False, gone=(), blocks=2))),
        ):
            yield said, record


def lengths_of_paths() -> Iterator[Said]:
    for norms in drawn(SIZES, 5):
        with np.errstate(all="ignore"):
            table = spectrum(list(norms))
        yield paths.words(table, "ResNet-20"), range(5)


def answers_read_early() -> Iterator[Said]:
    for shares in drawn(SHARES, 4):
        table = read([2, 1, 1, 1], list(shares))
        yield readout.finding(table), held_by(table)
        yield readout.words(table), [*held_by(table), 0.001, 0.999]
        yield readout.detail(table), [*held_by(table), 0.001, 0.999]


@pytest.mark.parametrize(
    "say",
    [
        gradients,
        losses_by_step,
        correlations_on_a_path,
        recorded_runs,
        along_depth,
        channels_of_a_sheet,
        edited_photos,
        fillings,
        answers_over_epochs,
        confusions,
        agreeing_maps,
        randomised_networks,
        games,
        first_answers,
        laws_of_sums,
        accuracies,
        answers_without_blocks,
        combined_networks,
        recorded_lesions,
        lengths_of_paths,
        answers_read_early,
    ],
)
def test_no_number_in_a_sentence_is_invented(say: Callable[[], Iterator[Said]]) -> None:
    wrong = {sentence: bad for sentence, record in say() if (bad := unfounded(sentence, record))}
    assert not wrong, "\n".join(f"{bad}: {sentence}" for sentence, bad in list(wrong.items())[:20])


def test_a_gap_of_one_draw_is_told_as_such_and_rounding_as_no_gap() -> None:
    said = [sentence for sentence, _ in laws_of_sums()]
    assert all("This draw" in sentence for sentence in said[1::2])
    assert not any(re.search(r"\d\.\d\d", sentence) for sentence in said)  # single precision moves hundredths
    assert said[2].endswith("of the two logits; the error is less than 0.1.")


def test_the_test_finds_what_is_invented() -> None:
    assert unfounded("plain-20: 3 to 10 million times, 12.5 % of them", [3.2e6, 1.1e7, 0.125]) == []
    assert unfounded("8.3×10⁻⁵³ in layer1.0 (Fig. 7)", [8.31e-53]) == []
    assert unfounded("about 10 million times", [1.6e6]) == ["10 million"]
    assert unfounded("16 of 23, nan %", [16.0]) == ["23", "nan %"]
    assert unfounded("16 of 64 × 3 × 3 in layer4.0", [16.0]) == []
    assert unfounded("87.5 %", [0.8744]) == ["87.5 %"]
