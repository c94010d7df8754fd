"""Charts, drawing and sentences of the Lesions page, from hand-made records."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import resnet_core as rc
from app.lesions import words
from app.lesions.charts import drawn, paths, readout, shapley, subnetworks
from app.lesions.charts.notes import NOISE, NOT_NUMBERS
from app.shared.drawing.layout import title_of
from resnet_core.lesions.combining import every_set, shapley_values


def effect(before: list[float], after: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "index": range(len(before)),
            "class": list("abcdef")[: len(before)],
            "probability_before": before,
            "probability_after": after,
        }
    )


def combined(probability: list[float], says: list[bool], orders: int | None = None) -> rc.Subnetworks:
    """All sets of some blocks, of these probabilities."""
    count = len(probability).bit_length() - 1
    sets = every_set(count)
    names = [f"layer1.{place}" for place in range(count)]
    table = pd.DataFrame(sets, columns=names)
    table["blocks"], table["probability"] = sets.sum(1), probability
    table["error"] = [0.0 if each else 1.0 for each in says]
    values = pd.Series(shapley_values(sets, np.array(probability)), pd.Index(names, name="block"), name="shapley")
    return rc.Subnetworks(table, values, pd.Series(0.0 if orders is None else 0.2, values.index, name="margin"), orders)


def title(figure: go.Figure) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>|\N{NO-BREAK SPACE}", " ", title_of(figure))).strip()


# --- the drawing


@pytest.mark.parametrize("name", ["resnet18", "resnet20", "resnet50", "resnet56", "resnet110"])
@pytest.mark.parametrize("shortcut", [None, "none"])
def test_every_block_is_one_button_within_the_drawing(name: str, shortcut: str | None) -> None:
    described = rc.describe(name, shortcut=shortcut)
    svg = ElementTree.fromstring(drawn.network_svg(described, gone=frozenset(), scale=0))
    nodes = [node.get("data-node") for node in svg.iterfind(".//*[@data-node]")]
    assert nodes == list(described.blocks["name"])
    arcs = [arc.get("data-shortcut") for arc in svg.iterfind(".//*[@class='arc']")]
    assert arcs == [kind for kind in described.blocks["shortcut_kind"] if kind != "none"]
    width, height = map(float, svg.get("viewBox").split()[2:])
    moves = [node.get("transform") for node in svg.iterfind(".//g[@transform]")]
    for x, y in (map(float, re.match(r"translate\((\S+) (\S+?)\)", move).groups()) for move in moves):
        assert 0 <= x < width
        assert 0 <= y < height


def test_a_block_that_is_out_is_dashed_and_keeps_its_shortcut() -> None:
    described = rc.describe("resnet20")
    svg = ElementTree.fromstring(drawn.network_svg(described, gone=frozenset({"layer1.1"}), scale=0))
    node = svg.find(".//*[@data-node='layer1.1']")
    assert node.get("aria-pressed") == "true"
    assert node.find(".//*[@class='out']").get("stroke-dasharray")
    assert node.find(".//*[@class='residual']") is None
    assert node.find(".//*[@class='arc']") is not None
    others = [each for each in svg.iterfind(".//*[@data-node]") if each is not node]
    assert all(each.get("aria-pressed") == "false" for each in others)


def test_a_plain_block_that_changes_the_shape_stays_and_can_be_scaled() -> None:
    described = rc.describe("resnet20", shortcut="none")
    assert list(described.blocks.loc[~drawn.removable(described.blocks), "name"]) == ["layer2.0", "layer3.0"]
    for scale, factor in ((0.0, None), (1.5, "1.5F")):
        svg = ElementTree.fromstring(drawn.network_svg(described, gone=frozenset({"layer2.0"}), scale=scale))
        node = svg.find(".//*[@data-node='layer2.0']")
        assert (factor in [text.text for text in node.iter("text")]) is (factor is not None)
        assert node.find(".//*[@class='residual']") is not None


# --- sentences on the answers


def test_the_title_says_what_became_of_the_first_answer() -> None:
    stays, turns = effect([0.84, 0.16], [0.82, 0.18]), effect([0.84, 0.16], [0.1, 0.9])
    assert words.title("net", stays, ["layer2.3"], 0) == "Without layer2.3 it still says a (84.0 % → 82.0 %)"
    assert words.title("net", turns, ["x", "y"], 0) == "Without 2 blocks it says b, not a (84.0 % → 10.0 %)"
    assert words.title("net", turns, ["x"], 1.5).startswith("With 1.5 F(x) in x it says b")
    assert words.title("net", stays, [], 0) == "With all its blocks net says a (84.0 %)"
    assert words.title("net", effect([0.84, 0.16], [np.nan, np.nan]), ["x"], 0) == NOT_NUMBERS


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (True, True, "Without x both nets keep their answer"),
        (False, False, "Without x both nets change their answer"),
        (True, False, "Without x A keeps its answer, B does not"),
        (False, True, "Without x B keeps its answer, A does not"),
        (True, None, "Without x A keeps its answer, B cannot run"),
        (None, False, "Without x B changes its answer, A cannot run"),
    ],
)
def test_the_title_of_two_networks(first: bool | None, second: bool | None, said: str) -> None:
    stays, turns = effect([0.8, 0.2], [0.8, 0.2]), effect([0.8, 0.2], [0.2, 0.8])
    known = [None if kept is None else stays if kept else turns for kept in (first, second)]
    assert words.both_title(("A", "B"), (known[0], known[1]), ["x"], 0) == said


# --- subnetworks


def test_every_subnetwork_is_a_dot_that_names_its_blocks() -> None:
    found = combined([0.1, 0.2, 0.3, 0.9], [False, False, True, True])
    figure = subnetworks.subnetworks_chart(found, "cat", trained=True)
    says, other, median = figure.data
    assert title(figure).startswith("2 of 4 subnetworks say cat first")
    assert sorted([*says.y, *other.y]) == [0.1, 0.2, 0.3, 0.9]
    assert list(says.text) == ["without layer1.1", "all blocks"]
    assert list(other.text) == ["no block", "without layer1.0"]
    assert list(median.y) == pytest.approx([0.1, 0.25, 0.9])
    assert all(abs(x - round(x)) < 0.5 for x in [*says.x, *other.x])


def test_the_finding_of_a_sample_is_what_chance_leaves_open() -> None:
    few = combined([0.1, 0.2, 0.3, 0.9], [False, True, True, True], orders=2)
    assert subnetworks.finding(few, "cat") == "With 1 of 2 blocks 34 to 100\N{NO-BREAK SPACE}% of the nets say cat"
    assert subnetworks.words(few, "cat").endswith("Probability of cat by blocks kept: 90.0 % with 2, 10.0 % with 0")
    assert subnetworks.between(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-3)
    assert subnetworks.between(0, 20)[0] == 0


def test_shapley_bars_add_up_and_name_the_largest() -> None:
    found = combined([0.1, 0.2, 0.3, 0.9], [False, False, True, True])
    figure = shapley.shapley_chart(found, "cat", trained=True)
    assert sum(figure.data[0].y) == pytest.approx(0.8)
    assert title(figure).startswith(f"layer1.0 adds most to cat: {found.shapley['layer1.0']:.2f}")
    assert figure.data[0].error_y.array is None


def test_no_block_adds_most_where_a_sample_leaves_it_open() -> None:
    found = combined([0.1, 0.2, 0.3, 0.9], [False, False, True, True], orders=5)
    assert shapley.finding(found, "cat") == "No block clearly adds most to cat"
    assert list(shapley.shapley_chart(found, "cat", trained=True).data[0].error_y.array) == [0.2, 0.2]
    clear = combined([0.1, 0.2, 0.9, 0.96], [False, False, True, True], orders=5)  # another sample gives another value
    assert shapley.finding(clear, "cat") == "layer1.0 adds most to cat: 0.78 ± 0.20"
    low = combined([0.9, 0.3, 0.2, 0.1], [True, False, False, False])
    assert shapley.finding(low, "cat") == "No block adds to cat"


# --- paths


def spectrum(norms: list[float]) -> pd.DataFrame:
    count = len(norms) - 1
    row = [1.0]
    for place in range(count):
        row.append(row[-1] * (count - place) / (place + 1))
    total = sum(norms)
    shares = [norm / total if total else np.nan for norm in norms]
    return pd.DataFrame({"length": range(count + 1), "paths": row, "norm": norms, "share": shares})


@pytest.mark.parametrize(
    ("norms", "said"),
    [
        ([0, 5, 5, 0, 0, 0, 0, 0, 0], "shorter paths than most: 1 branch"),
        ([0, 0, 0, 0, 0, 0, 0, 9, 1], "longer paths than most: 7 branches"),
        ([0, 0, 0, 1, 2, 1, 0, 0, 0], "paths about as long as most: 4 branches"),
    ],
)
def test_the_finding_compares_the_paths_of_the_gradient_with_most(norms: list[float], said: str) -> None:
    table = spectrum(norms)
    assert paths.finding(table, "net") == f"The gradient comes through {said}"
    figure = paths.paths_chart(table, "net", trained=True)
    area, bars = figure.data
    assert sum(area.y) == pytest.approx(1)
    assert list(bars.y) == list(table["share"])
    assert "At least half of all paths: 3 to 5" in title(figure)  # 182 of 256


def test_the_shortest_run_that_holds_half() -> None:
    lengths = pd.Series(range(5))
    assert paths.middle(lengths, pd.Series([0.1, 0.2, 0.3, 0.3, 0.1])) == (2, 3)
    assert paths.middle(lengths, pd.Series([0.6, 0.1, 0.1, 0.1, 0.1])) == (0, 0)


def test_a_gradient_of_zero_and_a_plain_net() -> None:
    assert paths.finding(spectrum([0.0, 0.0, 0.0]), "net") == "This gradient is 0 or not a number on every path"
    assert paths.detail(spectrum([0.0, 0.0, 0.0])) == "This photo."
    plain = pd.DataFrame({"length": [27], "paths": [1.0], "norm": [3.0], "share": [1.0]})
    assert paths.finding(plain, "plain-56") == "plain-56 has one path, through all 27 blocks"
    paths.paths_chart(plain, "plain-56", trained=True)


# --- read-outs


def read(first: list[int], shares: list[float]) -> pd.DataFrame:
    count = len(first)
    return pd.DataFrame(
        {
            "block": [f"layer3.{place}" for place in range(count)],
            "index": first,
            "class": [f"c{index}" for index in first],
            "probability": shares,
            "target": first[-1],
            "target_probability": shares,
            "cosine": [np.nan, *[0.1] * (count - 1)],
        }
    )


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ([1, 2, 1, 1], "From layer3.2 on it says c1"),
        ([1, 1, 1, 1], "Every block of the last stage says c1"),
        ([2, 2, 2, 1], "Of this stage, only the last block says c1"),
        ([1, 2, 2, 1], "The last block says c1 again, the one before it does not"),
    ],
)
def test_from_which_block_on_the_answer_stands(first: list[int], said: str) -> None:
    table = read(first, [0.1, 0.2, 0.3, 0.9])
    assert readout.finding(table) == said
    figure = readout.readout_chart(table, trained=True)
    assert list(figure.data[0].y) == [0.1, 0.2, 0.3, 0.9]
    assert (
        "10.0 % after layer3.0, 90.0 % after layer3.3. Cosine of F(x) with the direction that lowers the loss: 0.10"
        in title(figure)
    )


def test_random_weights_say_nothing_in_every_chart() -> None:
    found = combined([0.1, 0.2, 0.3, 0.9], [False, False, True, True])
    for figure in (
        subnetworks.subnetworks_chart(found, "cat", trained=False),
        shapley.shapley_chart(found, "cat", trained=False),
        paths.paths_chart(spectrum([1, 2, 1]), "net", trained=False),
        readout.readout_chart(read([1, 1], [0.1, 0.9]), trained=False),
    ):
        assert title(figure).startswith(NOISE)


def test_what_is_not_a_number_is_said_to_be_none() -> None:
    found = combined([np.nan] * 4, [False] * 4)
    assert subnetworks.finding(found, "cat") == shapley.finding(found, "cat") == NOT_NUMBERS
    assert readout.finding(read([0, 0], [np.nan, np.nan])) == NOT_NUMBERS
    for figure in (
        subnetworks.subnetworks_chart(found, "cat", trained=True),
        shapley.shapley_chart(found, "cat", trained=True),
        readout.readout_chart(read([0, 0], [np.nan, np.nan]), trained=True),
    ):
        assert title(figure).startswith(NOT_NUMBERS)


def test_a_foreign_class_name_stays_text() -> None:
    found = combined([0.1, 0.2, 0.3, 0.9], [False, False, True, True])
    for figure in (
        subnetworks.subnetworks_chart(found, "<b>{x}", trained=True),
        shapley.shapley_chart(found, "<b>{x}", trained=True),
    ):
        assert "<b>{x}" not in title_of(figure)
