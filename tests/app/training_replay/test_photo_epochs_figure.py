"""How answers to one photo come about, from hand-made answers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import resnet_core as rc
from app.training_replay.charts import answers
from app.training_replay.charts.curves import line_styles
from resnet_core.training import tables
from tests.app.attributions.test_agreement_figure import title
from tests.app.training_replay.test_replay_figures import PLAIN_20, PLAIN_56, RESIDUAL_20

KEPT = {1: "cifar10-epoch-01", 4: "cifar10-epoch-04", 9: "cifar10"}


def answer(**shares: float) -> pd.DataFrame:
    """What `rc.predict` gives, as far as it matters here."""
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return pd.DataFrame(ordered, columns=["class", "probability"])


RUNS: dict[str, rc.Run] = {
    "plain-20": replace(PLAIN_20, epoch_weights=KEPT),
    "ResNet-20": replace(RESIDUAL_20, epoch_weights=KEPT),
}
STYLES = line_styles(RUNS)
ANSWERS = {
    "plain-20": {1: answer(cat=0.5, dog=0.3), 4: answer(cat=0.6, dog=0.4), 9: answer(cat=0.4, dog=0.6)},
    "ResNet-20": {1: answer(cat=0.5, dog=0.3), 4: answer(cat=0.2, dog=0.7), 9: answer(cat=0.1, dog=0.9)},
}
TABLE = tables.answers_table(RUNS, ANSWERS)


def test_a_row_tells_the_answer_of_then_and_how_probable_the_last_one_was() -> None:
    assert TABLE.to_numpy().tolist() == [
        ["plain-20", "none", 1, "cat", 0.5, "dog", 0.3],
        ["plain-20", "none", 4, "cat", 0.6, "dog", 0.4],
        ["plain-20", "none", 9, "dog", 0.6, "dog", 0.6],
        ["ResNet-20", "A", 1, "cat", 0.5, "dog", 0.3],
        ["ResNet-20", "A", 4, "dog", 0.7, "dog", 0.7],
        ["ResNet-20", "A", 9, "dog", 0.9, "dog", 0.9],
    ]


def test_each_net_is_a_line_in_its_own_look() -> None:
    figure = answers.answers_chart(TABLE, STYLES, 9, TABLE)
    assert [line.name for line in figure.data] == ["plain-20: dog", "ResNet-20: dog"]
    assert [list(line.y) for line in figure.data] == [[0.3, 0.4, 0.6], [0.3, 0.7, 0.9]]
    assert list(figure.data[0].x) == [1, 4, 9]
    assert list(figure.data[0].customdata) == ["says cat (50.0 %)", "says cat (60.0 %)", "says dog (60.0 %)"]
    assert [line.line.color for line in figure.data] == [style.colour for style in STYLES.values()]
    assert [line.marker.symbol for line in figure.data] == [style.symbol for style in STYLES.values()]
    assert figure.layout.shapes[0].x0 == 9


def test_the_title_says_from_when_on_each_net_kept_its_answer() -> None:
    figure = answers.answers_chart(TABLE, STYLES, 9, TABLE)
    assert title(figure).startswith("By epoch 9 plain-20 and ResNet-20 say dog")
    assert answers.answers_finding(TABLE) == (
        "plain-20 says dog after epoch 9 (60.0 %); ResNet-20 says dog in all kept epochs from 4 on (90.0 %)"
    )
    apart = TABLE.assign(answer=["cat", "cat", "cat", "cat", "dog", "dog"])
    assert answers.answers_verdict(apart, 9) == "By epoch 9 plain-20 says cat, ResNet-20 dog"
    always = tables.answers_table(RUNS, {"plain-20": {1: answer(cat=0.5, dog=0.3), 9: answer(cat=0.6, dog=0.4)}})
    assert answers.answers_finding(always) == "plain-20 says cat from the start (60.0 %)"


def test_an_answer_that_was_lost_and_found_again_counts_from_then_on() -> None:
    cat, dog = answer(cat=0.6, dog=0.4), answer(dog=0.6, cat=0.4)
    table = tables.answers_table(RUNS, {"plain-20": {1: cat, 4: dog, 6: cat, 9: cat}})
    assert answers.answers_finding(table) == "plain-20 says cat in all kept epochs from 6 on (60.0 %)"


@pytest.mark.parametrize(("epoch", "kept"), [(1, 1), (3, 1), (4, 4), (8, 4), (9, 9), (20, 9)])
def test_the_last_kept_epoch_speaks(epoch: int, kept: int) -> None:
    assert answers.kept_at(KEPT, epoch) == kept


def test_before_the_first_kept_epoch_no_weights_speak() -> None:
    assert answers.kept_at({3: "early", 9: "late"}, 2) is None


def test_what_comes_later_is_not_told_but_has_its_place_on_the_axis() -> None:
    by_then = {net: {epoch: told for epoch, told in of.items() if epoch <= 4} for net, of in ANSWERS.items()}
    figure = answers.answers_chart(tables.answers_table(RUNS, by_then), STYLES, 4, TABLE)
    assert [line.name for line in figure.data] == ["plain-20: cat", "ResNet-20: dog"]
    assert [list(line.x) for line in figure.data] == [[1, 4], [1, 4]]
    assert title(figure).startswith("By epoch 4 plain-20 says cat, ResNet-20 dog")
    assert figure.layout.xaxis.range[1] > 9


def test_which_weights_are_here_is_told() -> None:
    assert answers.kept_words(RUNS) == "Stored weights: plain-20, ResNet-20 after epochs 1, 4, 9."
    other = {"plain-56": replace(PLAIN_56, epoch_weights={9: "cifar10"}), **RUNS}
    assert answers.kept_words(other) == (
        "Stored weights: plain-56 after epoch 9 only; plain-20, ResNet-20 after epochs 1, 4, 9."
    )


def test_a_net_of_which_only_the_last_weights_are_here_says_nothing_of_its_way() -> None:
    table = tables.answers_table(RUNS, {"plain-20": {9: answer(cat=0.4, dog=0.6)}})
    assert answers.answers_finding(table) == "plain-20 says dog after epoch 9 (60.0 %)"
