"""Plotly charts from live descriptions and hand-made measures, and the frame around them."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.architecture.charts import stages
from app.feature_maps.charts import depth
from app.feature_maps.charts.depth import QUANTITIES, Series
from app.feature_maps.charts.quantities import Finding
from app.shared.drawing import fields, layout


def measured(**columns: Any) -> pd.DataFrame:
    """Rows of `rc.measures` by hand; what is not given is unremarkable."""
    count = len(next(iter(columns.values())))
    usual = {
        "block": [f"layer1.{place}" for place in range(count)],
        "shortcut_kind": ["identity"] * count,
        "ratio": np.ones(count),
        "residual_std": np.ones(count),
        "zeros": np.full(count, 0.5),
        "cosine": np.full(count, 0.5),
        "finite": [True] * count,
    }
    return pd.DataFrame({**usual, **columns})


def title(figure: go.Figure) -> str:
    """The title as one line."""
    return re.sub(r"<br>|\N{NO-BREAK SPACE}", " ", re.sub(r"</?span[^>]*>", "", layout.title_of(figure)))


def lines(figure: go.Figure) -> dict[str, go.Scatter]:
    """The traces with more than a place in the legend."""
    return {trace.name: trace for trace in figure.data if trace.x[0] is not None}


# --- stages


def test_stages_hold_the_papers_numbers_and_their_shares() -> None:
    table = stages.stage_table(rc.describe("resnet50")).set_index("name")
    assert table.loc["layer3", "params"] == 7_098_368
    assert table.loc["layer4", "params_share"] == pytest.approx(14_964_736 / 25_557_032)
    assert table[["params_share", "macs_share"]].sum().tolist() == pytest.approx([1, 1])


def test_the_stage_chart_says_who_holds_and_who_works() -> None:
    figure = stages.stage_chart(rc.describe("resnet50"))
    assert title(figure) == "The last stage (layer4) holds 59 % of the parameters but does 20 % of the work"
    texts = [text for trace in figure.data if trace.type == "scatter" for text in trace.text]
    assert {"7.1 M · 28 %", "1.46 G · 36 %", "9.54 k · < 0.1 %"} <= set(texts)
    assert [note.text for note in figure.layout.annotations] == [
        "parameters<br>25.6 M with<br>1,000 classes",
        "MACs at 224 px<br>4.09 G in all",
    ]


def test_shares_that_go_together_are_not_set_against_each_other() -> None:
    assert stages.finding(rc.describe("resnet152", 512)) == (
        "Stage layer3 holds 67 % of the parameters and does 70 % of the work"
    )


def test_the_bars_are_the_shares() -> None:
    described = rc.describe("resnet20")
    params, macs = (trace for trace in stages.stage_chart(described).data if trace.type == "bar")
    assert list(params.x) == pytest.approx(list(described.stages["params"] / described.params))
    assert list(macs.x) == pytest.approx(list(described.stages["macs"] / described.macs))


@pytest.mark.parametrize(
    ("count", "words"),
    [(464, "464"), (9536, "9.54 k"), (7_098_368, "7.1 M"), (1_464_336_384, "1.46 G"), (999_900, "1 M")],
)
def test_counts_in_words(count: int, words: str) -> None:
    assert stages.short(count) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (1e-5, "< 0.1 %"), (0.0123, "1.2 %"), (0.0996, "10 %"), (0.586, "59 %"), (0.999, "> 99 %")],
)
def test_shares_in_words(share: float, words: str) -> None:
    assert stages.share_words(share) == words


def test_stages_in_words_name_them_all() -> None:
    words = stages.stage_words(rc.describe("resnet18"))
    assert "layer4 8.39 M (72 %) and 411 M (23 %)" in words
    assert "at 224 pixels" in words


# --- receptive fields


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("resnet50", 224, "From layer3.4 on the theoretical field (235 px) is larger than the picture (224 px)"),
        ("resnet18", 512, "Even the last block sees at most 435 of 512 pixels to a side"),
        ("resnet18", 435, "After the last block the theoretical field is exactly as large as the picture (435 px)"),
        ("resnet18", 8, "Already after the stem the theoretical field (11 px) is larger than the picture (8 px)"),
    ],
)
def test_the_field_chart_says_when_the_field_is_larger_than_the_picture(name: str, size: int, sentence: str) -> None:
    assert title(fields.field_chart(rc.describe(name, size))) == sentence


def test_the_field_grows_along_stem_and_blocks_past_a_line_at_the_picture() -> None:
    field, picture = fields.field_chart(rc.describe("resnet18")).data
    assert list(field.y) == [11, 27, 43, 67, 99, 147, 211, 307, 435]
    assert field.customdata[5][0] == "layer3.0"
    assert list(picture.y) == [224, 224]


@pytest.mark.parametrize("name", ["resnet18", "resnet152", "resnet1202"])
def test_half_a_page_names_the_first_block_of_each_stage(name: str) -> None:
    axis = fields.field_chart(rc.describe(name)).layout.xaxis
    table = fields.field_table(rc.describe(name))
    assert list(axis.ticktext) == list(table["name"][table["name"].str.endswith(".0")])
    assert [table["name"][place] for place in axis.tickvals] == list(axis.ticktext)


def test_a_whole_page_names_every_block_of_a_short_network() -> None:
    assert fields.named_ticks(list(rc.describe("resnet18").blocks["name"])) == list(range(8))


@pytest.mark.parametrize(
    ("highest", "words"),
    [(1.0, "0 20 40 60 80 100"), (0.817, "0 20 40 60 80"), (0.27, "0 5 10 15 20 25"), (0.5, "0 10 20 30 40 50"),
     (0.004, "0 0.1 0.2 0.3 0.4"), (0.0, "0")],
)  # fmt: skip
def test_shares_are_written_on_an_axis_as_in_sentences(highest: float, words: str) -> None:
    ticks = layout.percent_ticks(highest)
    assert ticks["ticktext"] == [f"{word}\N{NO-BREAK SPACE}%" for word in words.split()]
    assert [f"{100 * value:.3g}" for value in ticks["tickvals"]] == words.split()


def test_fields_in_words() -> None:
    assert "stem 11, layer1 43, layer2 99, layer3 211, layer4 435" in fields.field_words(rc.describe("resnet18"))


# --- along depth


def test_one_network_by_block_name() -> None:
    table = measured(ratio=[2.3, 0.5, 1.2], shortcut_kind=["projection", "identity", "zero-pad"])
    figure = depth.depth_chart([Series("net", table)], QUANTITIES["ratio"])
    assert title(figure).startswith(
        "F(x) &gt; shortcut in 2 of 3 blocks net, this photo: smaller in 1, largest in layer1.0 (2.3×)."
    )
    line = lines(figure)["net"]
    assert list(line.y) == [2.3, 0.5, 1.2]
    assert list(line.marker.symbol) == ["diamond", "circle", "square-open"]
    assert list(figure.layout.xaxis.ticktext) == list(table["block"])
    assert {"projection", "identity", "zero padding"} <= {trace.name for trace in figure.data}


@pytest.mark.parametrize(
    ("name", "says", "detail"),
    [
        ("ratio", "F(x) < shortcut in 2 of 2 blocks", "largest in layer1.1 (0.9×)"),
        ("residual_std", "std of F(x) is largest in layer1.1 (0.9)", "smallest in layer1.0 (0.2)"),
        ("zeros", "More zeros with depth: 20 to 90\N{NO-BREAK SPACE}%", "most in layer1.1"),
        ("cosine", "Cosine of x and y: 0.20 to 0.90", "most in layer1.1, least in layer1.0"),
    ],
)
def test_each_quantity_finds_its_extremes_of_this_photo(name: str, says: str, detail: str) -> None:
    table = measured(**{QUANTITIES[name].column: [0.2, 0.898]})
    assert depth.finding([Series("net", table)], QUANTITIES[name]) == Finding(says, f"net, this photo: {detail}")
    untrained = depth.finding([Series("net", table, trained=False)], QUANTITIES[name])
    assert untrained == Finding(says, f"net, this photo: {detail} (one draw of the random weights)")


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("ratio", [0.5, 0.6, 1.4], "F(x) < shortcut in 2 of 3 blocks"),
        ("ratio", [1.5, 1.6, 0.4], "F(x) > shortcut in 2 of 3 blocks"),
        ("ratio", [0.95, 1.05, 0.4], "F(x) ≈ shortcut in 2 of 3 blocks"),
        ("zeros", [0.9, 0.5, 0.2], "Fewer zeros with depth: 20 to 90\N{NO-BREAK SPACE}%"),
        ("zeros", [0.2, 0.9, 0.3, 0.8], "ReLU sets 20 to 90\N{NO-BREAK SPACE}% of y to 0"),
        ("cosine", [0.91, 0.99, 0.95], "y keeps x's direction (cosine from 0.91)"),
        ("cosine", [0.89, 0.99, 0.95], "Cosine of x and y: 0.89 to 0.99"),
    ],
)
def test_a_title_claims_a_direction_only_where_the_numbers_have_it(name: str, values: list[float], says: str) -> None:
    found = depth.finding([Series("net", measured(**{QUANTITIES[name].column: values}))], QUANTITIES[name])
    assert found.title == says
    assert len(says) <= layout.LINE  # one line, on a phone too


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        (
            "ratio",
            [0.5, 1.04],
            "1 of 2 blocks. net, this photo: about as large (within a tenth) in 1, largest in layer1.1 (1×)",
        ),
        (
            "ratio",
            [1.02, 1.4, 1.3],
            "2 of 3 blocks. net, this photo: about as large (within a tenth) in 1, largest 1.4×",
        ),
        ("residual_std", [1.0, 1.04, 0.3], "is smallest in layer1.2 (0.3). net, this photo: elsewhere up to 1"),
        ("residual_std", [2.0, 0.5, 0.52], "is largest in layer1.0 (2). net, this photo: elsewhere down to 0.5"),
        ("residual_std", [1.0, 1.04, 0.97], "std of F(x): 0.97 to 1. net, this photo: no block stands out"),
        ("residual_std", [1.0, 1.0], "std of F(x): 1. net, this photo: no block stands out"),
        ("zeros", [0.5, 0.51], "ReLU sets 50 to 51\N{NO-BREAK SPACE}% of y to 0. net, this photo"),
        ("cosine", [0.91, 0.92, 0.5], "Cosine of x and y: 0.50 to 0.92. net, this photo: least in layer1.2"),
    ],
)
def test_no_block_is_named_that_another_comes_near(name: str, values: list[float], sentence: str) -> None:
    said = depth.finding([Series("net", measured(**{QUANTITIES[name].column: values}))], QUANTITIES[name])
    assert str(said).endswith(sentence)


@pytest.mark.parametrize(
    ("other", "says", "median"),
    [
        ([1.1, 1.3], "Smaller F(x)/shortcut in trained", "1.2"),
        ([0.1, 0.3], "Larger F(x)/shortcut in trained", "0.2"),
        ([0.69, 0.711], "The same F(x)/shortcut", "0.7"),
        ([0.7, 0.72], "About the same F(x)/shortcut", "0.71"),
    ],
)
def test_two_networks_are_compared_by_their_medians(other: list[float], says: str, median: str) -> None:
    series = [Series("net · trained", measured(ratio=[0.6, 0.8])), Series("net · random", measured(ratio=other))]
    medians = f"Medians of this photo over the blocks: net · trained 0.7, net · random {median}"
    assert depth.finding(series, QUANTITIES["ratio"]) == Finding(says, medians)


def test_a_title_names_the_network_by_what_differs() -> None:
    def larger(first: str, second: str) -> str:
        series = [Series(first, measured(zeros=[0.6, 0.8])), Series(second, measured(zeros=[0.1, 0.2]))]
        return depth.finding(series, QUANTITIES["zeros"]).title

    assert larger("ResNet-56 · CIFAR-10", "ResNet-18 · CIFAR-10") == "Larger share of zeros in ResNet-56"
    assert larger("ResNet-18 · CIFAR-10", "ResNet-18 · random weights") == "Larger share of zeros in CIFAR-10"
    assert larger("net", "net") == "Larger share of zeros in net"


@pytest.mark.parametrize("name", QUANTITIES)
def test_the_size_of_f_is_not_compared_with_an_untrained_networks(name: str) -> None:
    tables = (measured(**{QUANTITIES[name].column: values}) for values in ([0.2, 0.3], [0.6, 0.7]))
    series = [Series(label, table, trained=label == "net") for label, table in zip(("net", "raw"), tables, strict=True)]
    said = depth.finding(series, QUANTITIES[name])
    if name in ("ratio", "residual_std"):
        assert said == Finding(f"Not compared: {QUANTITIES[name].title}", "raw is untrained")
    else:  # ResNet-20 with the palace: 36 % zeros against 31 to 38 % by the seed of the random weights
        assert "maller" not in said.title
        assert said.detail.endswith("(one draw of the random weights)")
    both = [replace(one, trained=False) for one in series]
    assert "maller" not in depth.finding(both, QUANTITIES[name]).title
    trained = depth.finding([replace(one, trained=True) for one in series], QUANTITIES[name])
    assert trained.title.startswith("Smaller")
    assert trained.title.endswith("in net")


def test_networks_of_different_lengths_share_a_relative_axis() -> None:
    series = [Series("short", measured(zeros=[0.1, 0.2])), Series("long", measured(zeros=[0.1, 0.2, 0.3, 0.4]))]
    figure = depth.depth_chart(series, QUANTITIES["zeros"])
    drawn = lines(figure)
    assert list(drawn["short"].x) == [0.5, 1]
    assert list(drawn["long"].x) == [0.25, 0.5, 0.75, 1]
    assert "relative depth" in figure.layout.xaxis.title.text


def test_three_networks_differ_in_dash_and_colour() -> None:
    plain = measured(zeros=[0.3, 0.4], shortcut_kind=["none", "none"])
    series = [Series(name, measured(zeros=[0.1, 0.2])) for name in "ab"] + [Series("plain", plain)]
    figure = depth.depth_chart(series, QUANTITIES["zeros"])
    drawn = [line for line in lines(figure).values() if line.name in ("a", "b", "plain")]
    assert len({line.line.dash for line in drawn}) == 3
    assert len({line.line.color for line in drawn}) == 3
    assert drawn[-1].line.color == depth.PLAIN[0]
    twins = depth.depth_chart([Series(name, plain) for name in ("plain", "random")], QUANTITIES["zeros"])
    assert len({lines(twins)[name].line.color for name in ("plain", "random")}) == 2
    assert title(figure).startswith(
        "Median share of zeros Medians of this photo over the blocks: a 15 %, b 15 %, plain 35 %"
    )


def test_a_gap_stays_a_gap_and_is_explained() -> None:
    figure = depth.depth_chart([Series("net", measured(cosine=[0.5, np.nan, 0.7]))], QUANTITIES["cosine"])
    line = lines(figure)["net"]
    assert np.isnan(line.y[1])
    assert not line.connectgaps
    assert "A block that changes the shape of x has no cosine." in title(figure)


def test_a_plain_twin_has_no_ratio_and_the_title_says_so() -> None:
    plain = Series("plain", measured(ratio=[np.nan, np.nan], shortcut_kind=["none", "none"]))
    assert str(depth.finding([plain], QUANTITIES["ratio"])).startswith("Nothing to draw. A block without a shortcut")
    beside = [Series("net", measured(ratio=[2.0, 3.0])), plain]
    assert depth.finding(beside, QUANTITIES["ratio"]).title == "F(x) > shortcut in 2 of 2 blocks"
    assert "A block without a shortcut" in title(depth.depth_chart(beside, QUANTITIES["ratio"]))


def test_what_is_not_finite_is_told_and_not_drawn() -> None:
    table = measured(residual_std=[1.0, np.inf, 3.0, np.nan], finite=[True, True, False, False])
    figure = depth.depth_chart([Series("net", table)], QUANTITIES["residual_std"])
    assert "net has NaN or infinite values in 3 of 4 blocks, first in layer1.1; they are not drawn." in title(figure)
    assert np.isfinite(lines(figure)["net"].y).tolist() == [True, False, False, False]
    nothing = Series("net", table.assign(finite=False))
    said = str(depth.finding([nothing], QUANTITIES["residual_std"]))
    assert said.startswith("Nothing to draw. net has NaN or infinite")


@pytest.mark.parametrize("name", QUANTITIES)
def test_nothing_measured_is_a_figure_too(name: str) -> None:
    assert title(depth.depth_chart([], QUANTITIES[name])).startswith("Nothing is measured yet")
    assert depth.depth_table([]).empty
    assert "Nothing is measured yet" in depth.depth_words([], QUANTITIES[name])


def test_the_table_is_long_and_names_the_network() -> None:
    table = depth.depth_table([Series("a", measured(zeros=[0.1])), Series("b", measured(zeros=[0.2, 0.3]))])
    assert list(table["net"]) == ["a", "b", "b"]
    assert list(table["zeros"]) == [0.1, 0.2, 0.3]
    assert list(table.index) == [0, 1, 2]


def test_depth_in_words_gives_both_ends() -> None:
    words = depth.depth_words([Series("net", measured(cosine=[np.nan, 0.25, 0.75]))], QUANTITIES["cosine"])
    assert "net from layer1.1 0.25 to layer1.2 0.75" in words
    assert words.endswith("has no cosine")


# --- what all have in common


def all_charts() -> list[go.Figure]:
    described = rc.describe("resnet152")
    series = [Series("ResNet-18 · my very long file name.pth", measured(ratio=[1.0, 2.0]))]
    along = [depth.depth_chart(series, quantity) for quantity in QUANTITIES.values()]
    return [stages.stage_chart(described), fields.field_chart(described), *along]


def test_charts_are_the_same_each_time_and_readable() -> None:
    for figure, again in zip(all_charts(), all_charts(), strict=True):
        assert figure.to_json() == again.to_json()  # else every run would draw it anew
        spec = figure.to_plotly_json()["layout"]
        sizes = [
            float(size) for size in re.findall(r"'size': (\d+)", str(spec)) + re.findall(r"font-size:(\d+)", str(spec))
        ]
        assert min(sizes) >= 15
        assert "color" not in str({key: value for key, value in spec.items() if key != "template"})
        for line in re.sub(r"<span[^>]*>|</span>", "", layout.title_of(figure)).split("<br>"):
            assert len(line) <= layout.LINE + 8


def test_a_number_stays_with_its_unit_and_a_name_in_one_piece() -> None:
    wrapped = layout.wrapped("A field of 224 px in ResNet-18 · Imagenette", width=24)
    assert wrapped.replace("\N{NO-BREAK SPACE}", "_").split("<br>") == [
        "A field of 224_px in",
        "ResNet-18_·_Imagenette",
    ]
    assert layout.wrapped("it says bird from epoch 2 on (> 99.9 %)", width=32).endswith(
        "<br>(>\N{NO-BREAK SPACE}99.9\N{NO-BREAK SPACE}%)"
    )


def framed() -> None:
    import pandas as pd
    import plotly.graph_objects as go

    from app.shared import chart, link
    from app.shared.drawing.layout import arranged

    link.begin("gist")
    figure = arranged(go.Figure(), title="a<br>verdict<br />9 < 10", x="x", y="y", note="of all")
    table = pd.DataFrame({"block": ["a", "b"], "value": [1.5, 2.0]})
    for key in ("one", "two"):
        chart.chart(figure, alt=f"gist of {key}", table=table, code=f"table = {key}", name=key, key=key)
    chart.files(table=table, code="table = 3", name="three", key="three", images={"PNG": b"\x89PNG", "SVG": b"<svg/>"})


def test_every_chart_gives_its_numbers_its_picture_and_its_code() -> None:
    app = AppTest.from_function(framed, default_timeout=60).run()
    assert not app.exception
    assert [chart.proto.alt for chart in app.get("plotly_chart")] == ["gist of one", "gist of two"]
    assert [code.value for code in app.code] == ["table = one", "table = two", "table = 3"]
    buttons = [button.label for button in app.get("download_button")]
    assert buttons == ["CSV", "CSV", "CSV", "PNG", "SVG"]
    assert len(app.get("bidi_component")) == 2 + 3  # pictures of the charts, and a frame of each of the three
    html = '<div class="finding"><h3>a verdict</h3><p>9 < 10</p><p>of all</p></div>'
    assert [each.proto.body for each in app.get("html")] == [html, html]
