"""Charts and sentences of training runs, from hand-made runs: none, one, several, and data that contradict Fig. 6."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import resnet_core as rc
from app.shared.drawing.layout import LINE, title_of
from app.training_replay import measured as replay_measured
from app.training_replay import schedules as replay_schedules
from app.training_replay import words as replay_words
from app.training_replay.charts import curves as replay
from app.training_replay.charts import norms as replay_norms
from app.training_replay.charts import paper as paper_errors
from resnet_core.training import tables
from resnet_core.training._recipes import RECIPES, Cycle, Phase, Recipe

RECIPE = replace(RECIPES["cifar10"], cycles=(Cycle(0.4, (Phase(2, 24),)), Cycle(0.2, (Phase(1, 32),))), held_out=0.0)


def made(
    variant: str,
    errors: Sequence[float],
    *,
    plain: bool = False,
    norms: Sequence[float] = (2.0, 1.0),
    recipe: Recipe = RECIPE,
    weights_id: str = "cifar10",
) -> rc.Run:
    """A run with these training errors; the test errors are 0.1 higher, the norms grow by 1 with each epoch."""
    count = len(errors)
    weights = replace(
        rc.WEIGHTS["resnet20", "cifar10"],
        id=f"{weights_id}-plain" if plain else weights_id,
        variant=variant,
        shortcut="none" if plain else "A",
        accuracy=0.9,
        epochs=count,
    )
    epochs = np.arange(1, count + 1)
    curves = pd.DataFrame(
        {
            "epoch": epochs,
            "size": [24, 24, 32, 32][:count],
            "lr": [0.4, 1e-8, 0.2, 1e-8][:count],
            "train_loss": 2 * np.asarray(errors),
            "train_error": errors,
            "test_loss": 3 * np.asarray(errors),
            "test_error": np.asarray(errors) + 0.1,
            "seconds": 1.0,
        }
    )
    rows = [
        (epoch, f"layer1.{place}", place + 1, norm + epoch - 1) for epoch in epochs for place, norm in enumerate(norms)
    ]
    return rc.Run(weights, recipe, 0, curves, pd.DataFrame(rows, columns=["epoch", "block", "depth", "grad_norm"]))


PLAIN_20 = made("resnet20", [0.5, 0.3, 0.4], plain=True)
PLAIN_56 = made("resnet56", [0.7, 0.4, 0.5], plain=True, norms=(90.0, 9.0, 1.0))
RESIDUAL_20 = made("resnet20", [0.4, 0.2, 0.3])
RESIDUAL_56 = made("resnet56", [0.3, 0.1, 0.2], norms=(3.0, 2.0, 1.0))
ALL = replay_words.named([RESIDUAL_56, PLAIN_56, RESIDUAL_20, PLAIN_20])
PAIR = replay_words.named([RESIDUAL_20, PLAIN_20])
NONE: dict[str, rc.Run] = {}
STYLES = replay.line_styles(ALL)


def title(figure: go.Figure) -> str:
    return str(title_of(figure)).split("<br><span")[0].replace("<br>", " ").replace("\N{NO-BREAK SPACE}", " ")


def lines(figure: go.Figure, net: str) -> dict[str, go.Scatter]:
    """Training line, test line and marks of a net in the chart of errors."""
    return dict(zip(("train", "test", "marks"), [t for t in figure.data if t.legendgroup == net], strict=True))


def test_runs_are_named_plain_first_from_shallow_to_deep_and_no_name_twice() -> None:
    assert list(ALL) == ["plain-20", "plain-56", "ResNet-20", "ResNet-56"]
    other = made("resnet20", [0.1], weights_id="longer")
    assert list(replay_words.named([other, RESIDUAL_20])) == ["ResNet-20, cifar10", "ResNet-20, longer"]


def test_the_finding_of_fig_6_is_told_from_the_data_whichever_way_it_goes() -> None:
    curves = tables.curves_of(ALL)
    assert replay_words.error_finding(curves, 2) == (
        "After 2 epochs (one run each) plain-56 has a higher training error than plain-20 (40.0 % against 30.0 %); "
        "ResNet-56 has a lower training error than ResNet-20 (10.0 % against 20.0 %)"
    )
    better = replay_words.named([PLAIN_20, made("resnet56", [0.3, 0.3004, 0.2], plain=True)])
    curves = tables.curves_of(better)
    assert "plain-56 has a lower training error than plain-20" in replay_words.error_finding(curves, 1)
    assert replay_words.error_finding(curves, 2) == (
        "After 2 epochs (one run each) plain-56 and plain-20 have the same training error (30.0 %)"
    )


def test_the_finding_in_one_line_names_no_difference_within_half_a_point() -> None:
    said = "Epoch 2: plain-56 learns worse than plain-20, ResNet-56 better than ResNet-20"
    assert replay_words.error_verdict(tables.curves_of(ALL), 2) == said
    close = replay_words.named([PLAIN_20, made("resnet56", [0.5, 0.3049, 0.4], plain=True)])
    assert (
        replay_words.error_verdict(tables.curves_of(close), 2) == "Epoch 2: plain-56 learns about as well as plain-20"
    )
    twins = tables.curves_of(PAIR)
    assert replay_words.error_verdict(twins, 1) == "Epoch 1: plain-20 learns worse than ResNet-20"
    assert replay_words.error_figures(twins, 1) == (
        "Training error (one run each): plain-20 50.0 %, ResNet-20 40.0 %. Dashed: training. Bold: test."
    )
    apart = tables.curves_of(replay_words.named([PLAIN_56, RESIDUAL_20]))
    assert replay_words.error_verdict(apart, 2) == "Epoch 2, training error: plain-56 40.0 %, ResNet-20 20.0 %"
    assert replay_words.error_verdict(apart, 9) == "No chosen run has an epoch 9"


def test_with_one_depth_plain_is_compared_with_residual_and_the_page_says_what_that_cannot_show() -> None:
    curves = tables.curves_of(PAIR)
    assert replay_words.error_finding(curves, 1) == (
        "After 1 epoch (one run each) plain-20 has a higher training error than ResNet-20 (50.0 % against 40.0 %)"
    )
    assert "cannot be seen" in replay_words.unseen(PAIR)
    assert replay_words.unseen(ALL) == ""
    assert "cannot be seen" in replay_words.unseen(replay_words.named([RESIDUAL_20, RESIDUAL_56, PLAIN_20]))


def test_depth_and_shortcuts_are_not_compared_at_once() -> None:
    runs = replay_words.named([PLAIN_56, RESIDUAL_20])
    assert replay_words.error_finding(tables.curves_of(runs), 2) == (
        "After 2 epochs (one run each) plain-56 has a training error of 40.0 % (test: 50.0 %); "
        "ResNet-20 has a training error of 20.0 % (test: 30.0 %)"
    )
    assert "cannot be seen" in replay_words.unseen(runs)


def test_a_run_alone_and_no_run() -> None:
    curves = tables.curves_of({"ResNet-20": RESIDUAL_20})
    assert replay_words.error_finding(curves, 3) == (
        "After 3 epochs (one run each) ResNet-20 has a training error of 30.0 % (test: 40.0 %)"
    )
    curves, norms = tables.curves_of(NONE), tables.norms_of(NONE)
    for figure in (
        replay.error_chart(curves, {}, 1),
        replay_norms.norm_chart(norms, {}, 1),
        replay.lr_chart(curves, 1),
    ):
        assert title(figure) == "No run is chosen"
        assert not figure.data


def test_train_is_dashed_and_test_bold_and_kinds_differ_in_colour_and_symbol() -> None:
    figure = replay.error_chart(tables.curves_of(PAIR), STYLES, 2, [3])
    plain, residual = lines(figure, "plain-20"), lines(figure, "ResNet-20")
    assert list(plain["train"].y) == [0.5, 0.3]  # the third epoch is not drawn before it is reached
    assert list(plain["test"].y) == pytest.approx([0.6, 0.4])
    whole = replay.error_chart(tables.curves_of(PAIR), STYLES, 3, [3])
    assert list(lines(whole, "plain-20")["train"].y) == [0.5, 0.3, 0.4]
    for axis in ("xaxis", "yaxis"):
        assert figure.layout[axis].range == whole.layout[axis].range
    for drawn in (plain, residual):
        assert (drawn["train"].line.dash, drawn["test"].line.dash) == ("dash", "solid")
        assert drawn["test"].line.width > drawn["train"].line.width
        assert drawn["train"].line.color == drawn["test"].line.color
        assert [t.showlegend for t in drawn.values()] == [False, True, False]
    assert plain["test"].line.color != residual["test"].line.color
    assert plain["test"].marker.symbol != residual["test"].marker.symbol
    assert list(plain["marks"].x) == [2, 2]
    assert list(plain["marks"].y) == pytest.approx([0.3, 0.4])
    assert [(shape.x0, shape.line.dash) for shape in figure.layout.shapes] == [(2.5, "dot"), (2, None)]


def test_many_nets_are_told_apart_by_symbol() -> None:
    depths = (20, 32, 44, 56, 110)
    runs = replay_words.named(made(f"resnet{d}", [0.2, 0.1], plain=plain) for d in depths for plain in (True, False))
    styles = replay.line_styles(runs)
    assert len(styles) == len({style.symbol for style in styles.values()}) == 10
    colours = {
        plain: {styles[name].colour for name, run in runs.items() if run.is_plain is plain} for plain in (True, False)
    }
    assert not colours[True] & colours[False]
    assert styles["plain-20"].colour != styles["plain-110"].colour
    assert styles["ResNet-20"].colour != styles["ResNet-110"].colour


def test_a_net_looks_the_same_in_every_chart_whatever_is_chosen_beside_it() -> None:
    alone = {"plain-56": PLAIN_56}
    lines = [
        *replay.error_chart(tables.curves_of(alone), STYLES, 1).data,
        *replay_norms.norm_chart(tables.norms_of(alone), STYLES, 1).data[1:],  # behind them the band
    ]
    assert {trace.marker.symbol for trace in lines if "markers" in trace.mode} == {STYLES["plain-56"].symbol}
    assert STYLES["plain-56"] not in (STYLES["plain-20"], replay.line_styles(alone)["plain-56"])


def test_a_run_that_ended_earlier_is_not_compared_any_more() -> None:
    runs = replay_words.named([PLAIN_20, made("resnet20", [0.4, 0.2])])
    curves, norms = tables.curves_of(runs), tables.norms_of(runs)
    assert replay_words.error_finding(curves, 3) == (
        "After 3 epochs (one run each) plain-20 has a training error of 40.0 % (test: 50.0 %)"
    )
    assert [trace.mode for trace in replay.error_chart(curves, STYLES, 3).data if trace.mode == "markers"] == [
        "markers"
    ]
    assert {trace.legendgroup for trace in replay_norms.norm_chart(norms, STYLES, 3).data} == {"plain-20"}
    assert replay_words.error_finding(curves, 4) == "No chosen run has an epoch 4"
    assert title(replay_norms.norm_chart(norms, STYLES, 4)) == "No chosen run has an epoch 4"


def test_norms_of_one_epoch_before_the_range_of_all() -> None:
    norms = tables.norms_of(PAIR)
    figure = replay_norms.norm_chart(norms, STYLES, 2)
    band, _, points, _ = figure.data
    assert list(points.y) == [3, 2]
    assert list(band.y) == [4, 3, 1, 2]  # there along the largest, back along the least
    assert list(points.x) == [1, 2]
    assert (figure.layout.yaxis.type, list(figure.layout.xaxis.ticktext)) == ("log", ["layer1.0", "layer1.1"])
    assert tables.norms_at(norms, 2)[["grad_norm", "min", "max"]].to_numpy().tolist() == [[3, 2, 4], [2, 1, 3]] * 2
    assert band.mode == "lines"


def test_a_gradient_that_is_least_in_between_is_told_where() -> None:
    norms = tables.norms_of({"plain-56": made("resnet56", [0.3], plain=True, norms=(5.0, 0.5, 4.0))})
    said = "Epoch 1, plain-56: the first block's gradient is about as large as the last"
    assert replay_words.norm_finding(norms, 1) == f"{said}, and about 10 times that of layer1.1"
    flat = tables.norms_of({"plain-56": made("resnet56", [0.3], plain=True, norms=(5.0, 3.0, 4.0))})
    assert replay_words.norm_finding(flat, 1) == said


def test_nets_of_different_depth_lie_over_each_other_by_relative_depth() -> None:
    norms = tables.norms_of(ALL)
    figure = replay_norms.norm_chart(norms, STYLES, 1)
    assert figure.layout.xaxis.title.text == "relative depth: 1 = last block"
    by_name = {trace.name: list(trace.x) for trace in figure.data if trace.name}
    assert by_name["plain-20"] == [0.5, 1]
    assert by_name["plain-56"] == pytest.approx([1 / 3, 2 / 3, 1])
    assert title(figure) == "Epoch 1: plain-56's first gradient is about 100 times its last"
    assert replay_words.norm_finding(norms, 1) == (
        "Epoch 1, plain-56: the first block's gradient is about 100 times the last; ResNet-56: a few times the last"
    )
    assert replay_words.range_words(tables.norms_of(PAIR)) == (
        "The first block's gradient, smallest to largest of all epochs (one run each): plain-20: about as large as the "
        "last to a few times the last; ResNet-20: about as large as the last to a few times the last."
    )


def test_the_ticks_of_the_log_axis_hold_the_values() -> None:
    for low, high in ((0.2, 0.5), (1.0, 9.0), (1e-3, 5e6)):
        ticks = replay_norms._ticks(pd.DataFrame({"grad_norm": [0.0, low, high]}))
        assert min(ticks) <= low
        assert max(ticks) >= high
        assert len(ticks) < 13


def test_the_learning_rate_where_it_starts_again_and_what_becomes_of_the_errors() -> None:
    curves = tables.curves_of(PAIR)
    assert PLAIN_20.restarts == (3,)
    said = "The learning rate is largest in epoch 1 (0.4) and starts again in epoch 3"
    assert replay_schedules.lr_finding(curves, [3]) == f"{said}; every training error rises there"
    falling = tables.curves_of({"ResNet-20": made("resnet20", [0.3, 0.2, 0.1])})
    assert replay_schedules.lr_finding(falling, [3]) == said
    assert replay_schedules.lr_finding(falling, []) == "The learning rate is largest in epoch 1 (0.4)"
    figure = replay.lr_chart(curves, 2, [3])
    assert title(figure) == "The learning rate starts again in epoch 3"
    (line,) = figure.data
    assert list(line.y) == [0.4, 1e-8, 0.2]
    assert list(line.customdata) == [
        "0.4 at its end, crops of 24 px",
        "0 at its end, crops of 24 px",
        "0.2 at its end, crops of 32 px",
    ]
    note = re.sub(r"<[^>]*>|\N{NO-BREAK SPACE}", " ", title_of(figure))
    assert "Trained on crops of 24 px, 32 px from epoch 3." in " ".join(note.split())


def test_another_number_of_steps_an_epoch_is_no_other_schedule() -> None:
    """The curves hold the rate of an epoch's last step, and the first epochs of our runs had one step more."""
    shifted = PLAIN_20.curves.assign(lr=[0.39997, 9e-9, 0.20001])
    curves = tables.curves_of({"ResNet-20": RESIDUAL_20, "plain-20": replace(PLAIN_20, curves=shifted)})
    assert list(replay_schedules.schedules(curves)) == ["ResNet-20, plain-20"]
    assert "trained on crops of 24 px, learning rate at its end 0.4" in replay_words.error_words(curves, 1)
    other = tables.curves_of({"a": RESIDUAL_20, "b": replace(PLAIN_20, curves=shifted.assign(lr=[0.399, 0, 0.2]))})
    assert list(replay_schedules.schedules(other)) == ["a", "b"]
    assert "learning rate" not in replay_words.error_words(other, 1)
    smaller = tables.curves_of({"a": RESIDUAL_20, "b": replace(PLAIN_20, curves=shifted.assign(size=24))})
    assert list(replay_schedules.schedules(smaller)) == ["a", "b"]


def test_different_schedules_are_told() -> None:
    runs = replay_words.named([PLAIN_20, made("resnet20", [0.3, 0.2, 0.1, 0.1])])
    figure = replay.lr_chart(tables.curves_of(runs), 1)
    assert title(figure) == "2 different schedules: compare these nets with care"
    assert [trace.name for trace in figure.data] == ["plain-20", "ResNet-20"]
    assert len({trace.line.dash for trace in figure.data}) == 2


def held_out(run: rc.Run) -> rc.Run:
    """The same run as if a fifth of its training pictures were behind its curve."""
    names = {"test_loss": "held_out_loss", "test_error": "held_out_error"}
    return replace(run, recipe=replace(run.recipe, held_out=0.2), curves=run.curves.rename(columns=names))


def test_how_the_errors_were_measured() -> None:
    words = replay_measured.measured_words
    assert words(PAIR).endswith(
        "above the test error, which is measured after the epoch, on all test pictures at their full 32 px."
    )
    some = replace(RESIDUAL_20, curve_pictures=785, recipe=replace(RECIPE, smallest_crop=0.3))
    assert "on a share of the test pictures only (about 785 of them), shrunk like those" in words({"ResNet-20": some})
    both = words({"ResNet-20": some, "plain-20": PLAIN_20})
    assert "shrunk like those of the epoch (ResNet-20); on all test pictures at their full 32 px (plain-20)." in both
    held = words({"ResNet-20": held_out(RESIDUAL_20), "plain-20": PLAIN_20})
    assert "above the held-out and test error" in held
    assert "on 20 % of the training pictures, which were held out, at their full 32 px (ResNet-20)" in held


def test_a_curve_says_on_which_pictures_it_was_drawn() -> None:
    runs = {"plain-20": PLAIN_20, "ResNet-20": held_out(RESIDUAL_20)}
    curves = tables.curves_of(runs)
    assert curves.groupby("net")["measured_on"].unique().map(list).to_dict() == {
        "plain-20": ["test"],
        "ResNet-20": ["held out"],
    }
    assert replay_words.error_words(curves, 2).endswith(
        "plain-20 30.0 % training, 40.0 % test error; ResNet-20 20.0 % training, 30.0 % held-out error"
    )
    alone = tables.curves_of({"ResNet-20": held_out(RESIDUAL_20)})
    assert replay_words.error_finding(alone, 2).endswith("training error of 20.0 % (held-out: 30.0 %)")
    assert "test" not in "".join(alone.columns)
    for drawn, bold in ((curves, "held-out and test"), (alone, "held-out")):
        figure = replay.error_chart(drawn, STYLES, 2)
        note = " ".join(re.sub(r"<[^>]*>", " ", title_of(figure)).split())
        assert f"Bold: {bold}." in note
        assert list(lines(figure, "ResNet-20")["test"].y) == pytest.approx([0.5, 0.3])
        assert list(lines(figure, "ResNet-20")["marks"].y) == pytest.approx([0.2, 0.3])
        assert ", held-out: " in lines(figure, "ResNet-20")["test"].hovertemplate


@pytest.mark.parametrize("key", rc.RUNS)
def test_the_stored_weights_are_told_apart_from_the_end_of_the_curve(key: tuple[str, str]) -> None:
    """Every number of the sentence is in the record, and so is every reason."""
    run = rc.RUNS[key]
    said = replay_measured.stored_words({run.title: run})
    stored, ends = (float(share) for share in re.findall(r"(\d+\.\d\d) %", said))
    assert stored == round(100 * (1 - run.weights.accuracy), 2)
    assert ends == round(100 * run.curves["test_error"].iloc[-1], 2)
    last, full = int(run.curves["size"].iloc[-1]), run.recipe.transform.crop
    assert (f"at {full} px instead of {last} px" in said) is (last != full)
    assert ("moving average" in said) is bool(run.recipe.averaging)
    assert ("all test pictures" in said) is (run.curve_pictures is not None)
    assert ("half precision" in said) is (key[0] != "resnet18")


def test_stored_weights_of_a_run_whose_curve_is_of_held_out_pictures_and_weights_that_nobody_tested() -> None:
    said = replay_measured.stored_words({"ResNet-20": held_out(RESIDUAL_20), "plain-20": PLAIN_20})
    assert (
        "ResNet-20 10.00 % (end of its curve: 40.00 %), plain-20 10.00 % (end of its curve: 50.00 %). They are " in said
    )
    assert "tested on the test pictures (ResNet-20); rounded to half precision" in said
    untested = replace(PLAIN_20, weights=replace(PLAIN_20.weights, accuracy=None))
    assert replay_measured.stored_words({"plain-20": untested}) == replay_measured.stored_words({}) == ""


def test_every_number_of_an_epoch_in_words() -> None:
    assert replay_words.error_words(tables.curves_of(PAIR), 2) == (
        "Epoch 2, trained on crops of 24 px, learning rate at its end 0: plain-20 30.0 % training, 40.0 % test error; "
        "ResNet-20 20.0 % training, 30.0 % test error"
    )


def test_titles_fit_on_a_phone() -> None:
    curves, norms = tables.curves_of(ALL), tables.norms_of(ALL)
    for figure in (
        replay.error_chart(curves, STYLES, 2, [3]),
        replay_norms.norm_chart(norms, STYLES, 2),
        replay.lr_chart(curves, 2, [3]),
    ):
        assert all(len(line) <= LINE for line in title_of(figure).split("<br><span")[0].split("<br>"))


def test_the_papers_errors_beside_ours() -> None:
    runs = {(run.variant, run.id): run for run in ALL.values()}
    weights = {key: run.weights for key, run in runs.items()} | {
        ("resnet32", "cifar10"): replace(RESIDUAL_20.weights, variant="resnet32", accuracy=None),
        ("resnet44", "cifar10"): replace(RESIDUAL_20.weights, variant="resnet44", data="ten digits"),
        ("resnet18", "imagenette"): rc.WEIGHTS["resnet18", "imagenette"],
    }
    table = tables.against_paper(weights, runs).set_index("net").astype(object)
    table = table.where(table.notna(), None)
    net, paper, test, train = tables.COLUMNS
    assert net == "net"
    assert table[paper].to_dict() == {
        "ResNet-20": 8.75,
        "plain-20": None,
        "ResNet-32": 7.51,
        "ResNet-44": 7.17,
        "ResNet-56": 6.97,
        "plain-56": None,
        "ResNet-110": 6.43,
        "ResNet-1202": 7.93,
    }
    assert table.loc["plain-56", train] == pytest.approx(50)
    assert table.loc["ResNet-20", test] == pytest.approx(10)
    assert table.loc["ResNet-32", [test, train]].tolist() == [None, None]
    assert table.loc["ResNet-44", tables.IDS] == ""


def test_the_note_says_what_the_test_pictures_decided_where_they_did() -> None:
    key = ("resnet20", "cifar10")
    for chosen_on in ("test", "held out", ""):
        known = {key: replace(RESIDUAL_20.weights, chosen_on=chosen_on)}
        assert ("The test pictures also decided" in paper_errors.note(known)) is (chosen_on == "test")
    photos = {("resnet18", "imagenette"): rc.WEIGHTS["resnet18", "imagenette"]}  # not in the table
    assert paper_errors.note(photos) == paper_errors.note({}) == paper_errors.NOTE


def test_the_comparison_with_the_paper_in_a_sentence() -> None:
    def told(*runs: rc.Run) -> str:
        weights = {(run.variant, run.id): run.weights for run in runs}
        return paper_errors.finding(tables.against_paper(weights, {}))

    assert told() == "None of the nets in the paper's table was trained here yet"
    assert told(PLAIN_20) == told()
    assert told(PLAIN_20, RESIDUAL_20) == "Test error: ResNet-20 10.00 % here, 8.75 % in the paper"
    good = made("resnet110", [0.1])
    good = replace(good, weights=replace(good.weights, accuracy=0.99))
    assert told(RESIDUAL_20, RESIDUAL_56, good) == (
        "Our test error is higher than the paper's in 2 of the 3 nets that have both"
    )


def test_recipes_beside_the_papers() -> None:
    other = made("resnet56", [0.1], recipe=replace(RECIPE, batch=256, weight_decay=1e-4))
    runs = replay_words.named([PLAIN_20, RESIDUAL_20, other, rc.RUNS["resnet18", "imagenette"]])
    table = paper_errors.recipes(runs)
    assert table.columns.tolist() == ["paper", "plain-20, ResNet-20", "ResNet-56"]
    assert table.loc["epochs"].tolist() == ["about 164 (64,000 steps)", "3", "1"]
    assert table.loc["batch"].tolist() == ["128", "128", "256"]
    assert table.loc["weight decay"].tolist() == [
        "0.0001",
        *(f"{decay}, none on norms and biases" for decay in ("0.0005", "0.0001")),
    ]
    assert table.loc["momentum"].tolist() == ["0.9", "0.9, Nesterov", "0.9, Nesterov"]
    assert table.loc["learning rate", "ResNet-56"] == (
        "up, and down along a cosine: to 0.4 and back in 2, then to 0.2 and back in 1 epochs"
    )
    assert table.loc["training crops", "ResNet-56"] == "24 px"
    assert paper_errors.recipes({}).columns.tolist() == ["paper"]


def test_the_readmes_table_is_that_of_the_page() -> None:
    text = (Path(__file__).parents[3] / "resnet_core/README.md").read_text(encoding="utf-8")
    cell = r" (?:(\d+\.\d\d) %|none given) \|"
    rows = re.findall(rf"^\| ((?:ResNet|plain)-\d+) \|{3 * cell} `(\w+ --recipe [^`]*)` \|$", text, re.MULTILINE)
    table = tables.against_paper(rc.WEIGHTS, rc.RUNS)
    ours = table[table[tables.IDS] != ""]
    for (net, *told, training), (_, row) in zip(rows, ours.iterrows(), strict=True):
        assert net == row[tables.NET]
        assert told == ["" if np.isnan(row[name]) else f"{row[name]:.2f}" for name in tables.COLUMNS[1:]]
        known, given = (words.partition(" --data ")[0] for words in (row[tables.COMMAND], training))
        assert known == f"python -m resnet_core.training {given}"
