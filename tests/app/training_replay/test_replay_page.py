"""The Training replay page through Streamlit's test runner: the recorded runs, none, one, and many."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.shared.drawing.bars import percent
from app.training_replay import computed
from app.training_replay.charts import confusion, paper
from resnet_core.pictures.samples import SAMPLES
from resnet_core.training import tables
from resnet_core.weights import catalogue
from tests.app.conftest import Tick
from tests.app.test_pages import page_text, start
from tests.app.training_replay.test_replay_figures import PLAIN_20, PLAIN_56, RESIDUAL_20, RESIDUAL_56, held_out, made
from tests.resnet_core.training.test_runs import the_only_run

PAGE = "training_replay/page.py"
PLAIN, RESIDUAL = rc.RUNS["resnet20", "cifar10-plain"], rc.RUNS["resnet20", "cifar10"]
PHOTOS = rc.RUNS["resnet18", "imagenette"]


def titles(app: AppTest) -> list[str]:
    """What stands over the charts, without the figures beneath it."""
    bodies = [element.proto.body for element in app.get("html")]
    found = [head for body in bodies for head in re.findall(r'^<div class="finding"><h3>(.*?)</h3>', body)]
    return [html.unescape(head).replace("\N{NO-BREAK SPACE}", " ") for head in found]


def said(app: AppTest) -> str:
    """The page in words, with plain spaces."""
    return html.unescape(page_text(app)).replace("\N{NO-BREAK SPACE}", " ")


def alts(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def y_axes(app: AppTest) -> list[object]:
    """The ends of the vertical axis of each chart."""
    return [json.loads(chart.proto.spec)["layout"]["yaxis"].get("range") for chart in app.get("plotly_chart")]


@pytest.fixture(autouse=True)
def _three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of deeper nets may be recorded one day: these tests are about the first three."""
    recorded(monkeypatch, PHOTOS, RESIDUAL, PLAIN)


def recorded(monkeypatch: pytest.MonkeyPatch, *runs: rc.Run) -> None:
    """These are all the runs that there are."""
    monkeypatch.setattr(rc, "RUNS", {(run.variant, run.id): run for run in runs})


def error(run: rc.Run, epoch: int) -> str:
    return f"{100 * run.curves['train_error'][epoch - 1]:.1f} %"


def test_the_first_title_is_what_the_recorded_runs_say_at_their_end() -> None:
    last = len(PLAIN.curves)
    app = start(PAGE, epoch=str(last))
    assert last == app.slider("epoch").value == app.slider("epoch").max
    errors, rates = titles(app)
    more = PLAIN.curves["train_error"].iloc[-1] > RESIDUAL.curves["train_error"].iloc[-1]
    assert errors == f"Epoch {last}: plain-20 learns {'worse' if more else 'better'} than ResNet-20"
    assert f"plain-20 {error(PLAIN, last)}, ResNet-20 {error(RESIDUAL, last)}" in said(app)
    assert alts(app)[0].startswith(
        f"After {last} epochs (one run each) plain-20 has a {'higher' if more else 'lower'} training error than "
        f"ResNet-20 ({error(PLAIN, last)} against {error(RESIDUAL, last)})"
    )
    assert f"starts again in epochs {' and '.join(map(str, PLAIN.restarts))}" in rates
    assert "cannot be seen" in page_text(app)  # both nets have 20 layers
    gradients = start(PAGE, epoch=str(last), replay="Gradients")
    assert titles(gradients)[0].startswith(f"Epoch {last}: plain-20's first gradient is ")


def test_only_the_open_part_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("errors", "rates", "gradients", "confusion", "answered"):
        function = getattr(computed, name)
        monkeypatch.setattr(computed, name, lambda *given, f=function, n=name: (asked.append(n), f(*given))[1])
    app = start(PAGE, epoch="2")
    assert set(asked) == {"errors", "rates"}
    for part, names in {"Gradients": {"gradients"}, "Confusions": {"confusion"}, "Paper": set()}.items():
        asked.clear()
        start(PAGE, epoch="2", replay=part)
        assert set(asked) == names
    assert not app.exception


@pytest.mark.parametrize("part", ["Errors", "Gradients", "Confusions", "Your photo"])
def test_a_replay_plays_on_in_each_part_until_it_is_paused(part: str, tick: Tick) -> None:
    app = start(PAGE, replay=part)
    assert app.slider("epoch").value == 1
    axes = y_axes(app)
    app.button("play").click().run()
    assert app.slider("epoch").disabled
    before = app.slider("epoch").value
    assert tick(app)
    assert app.slider("epoch").value == before + 1
    assert y_axes(app) == axes
    app.button("play").click().run()
    assert not app.slider("epoch").disabled
    assert not tick(app)


def test_a_replay_stops_when_the_page_is_left_and_where_nothing_is_replayed(tick: Tick) -> None:
    app = start(PAGE)
    app.button("play").click().run()
    app.switch_page("start/page.py").run()
    app.switch_page(PAGE).run()
    assert not tick(app)
    assert not app.slider("epoch").disabled
    app.button("play").click().run()
    app.pills("runs_CIFAR-10").set_value([]).run()
    app.pills("runs_CIFAR-10").set_value(["ResNet-20"]).run()
    assert not app.slider("epoch").disabled


def test_a_replay_stops_at_the_last_epoch_and_begins_anew(monkeypatch: pytest.MonkeyPatch, tick: Tick) -> None:
    recorded(monkeypatch, made("resnet56", [0.5, 0.25, 0.2]))
    app = start(PAGE, epoch="2")
    app.button("play").click().run()
    assert tick(app)
    assert app.slider("epoch").value == 3
    assert tick(app)
    assert (app.slider("epoch").value, app.slider("epoch").disabled) == (3, False)
    app.button("play").click().run()
    assert app.slider("epoch").value == 1


def test_a_run_of_one_epoch_has_nothing_to_play(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, made("resnet56", [0.5, 0.25, 0.2]), made("resnet20", [0.5]))
    app = start(PAGE)
    app.button("play").click().run()
    app.pills("runs_CIFAR-10").set_value(["ResNet-20"]).run()
    assert not [button for button in app.button if button.key == "play"]
    app.pills("runs_CIFAR-10").set_value(["ResNet-20", "ResNet-56"]).run()
    assert not app.slider("epoch").disabled


def test_moving_through_the_epochs_changes_every_chart_and_a_link_can_set_it() -> None:
    app = start(PAGE, epoch="3")
    assert app.slider("epoch").value == 3
    assert titles(app)[0].startswith("Epoch 3: plain-20 learns ")
    assert error(PLAIN, 3) in said(app)
    app.slider("epoch").set_value(12).run()
    assert not app.exception
    assert error(RESIDUAL, 12) in said(app)
    assert titles(start(PAGE, epoch="12", replay="Gradients"))[0].startswith("Epoch 12: ")


def test_other_pictures_other_nets_and_an_epoch_that_the_others_have_not() -> None:
    app = start(PAGE, run_data="Imagenette", measured="true")
    assert app.pills("runs_Imagenette").value == ["ResNet-18"]
    last = len(PHOTOS.curves)
    app.slider("epoch").set_value(last).run()
    assert titles(app)[0] == f"Epoch {last}, training error: ResNet-18 {error(PHOTOS, last)}"
    assert f"on a share of the test pictures only (about {PHOTOS.curve_pictures} of them)" in page_text(app)
    app.segmented_control("run_data").set_value(PLAIN.weights.data).run()
    assert not app.exception
    assert app.slider[0].value == 1  # these runs have no such epoch
    assert titles(app)[0].startswith("Epoch 1: plain-20 ")


def test_no_net_chosen_is_one_sentence() -> None:
    app = start(PAGE, epoch=str(len(PLAIN.curves)))
    app.pills("runs_CIFAR-10").set_value([]).run()
    assert not app.exception
    assert "Choose at least one network." in page_text(app)
    assert titles(app) == []
    app.pills("runs_CIFAR-10").set_value(["ResNet-20"]).run()
    assert titles(app)[0].startswith(f"Epoch {len(RESIDUAL.curves)}, training error: ResNet-20 ")


def test_many_runs_begin_with_the_shallowest_and_the_deepest_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    middle = [made("resnet32", [0.4, 0.3, 0.2], plain=plain) for plain in (True, False)]
    recorded(monkeypatch, PLAIN_56, *middle, RESIDUAL_20, PLAIN_20, RESIDUAL_56)
    app = start(PAGE, epoch="2")
    pills = app.pills("runs_CIFAR-10")
    assert pills.options == ["plain-20", "plain-32", "plain-56", "ResNet-20", "ResNet-32", "ResNet-56"]
    assert pills.value == ["plain-20", "plain-56", "ResNet-20", "ResNet-56"]
    assert titles(app)[0] == "Epoch 2: plain-56 learns worse than plain-20, ResNet-56 better than ResNet-20"
    assert "cannot be seen" not in page_text(app)


def test_a_net_keeps_its_look_when_another_is_chosen_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, PLAIN_56, RESIDUAL_20, PLAIN_20)
    app = start(PAGE)

    def look() -> tuple[str, str]:
        errors = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
        (line,) = [line for line in errors if line.get("name") == "plain-56" and line["showlegend"]]
        return line["line"]["color"], line["marker"]["symbol"]

    among = look()
    app.pills("runs_CIFAR-10").set_value(["plain-56"]).run()
    assert look() == among


@pytest.mark.parametrize("errors", [[0.5], [0.5, 0.25]], ids=["one epoch", "two epochs"])
def test_one_short_run(errors: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, made("resnet56", errors))
    app = start(PAGE, epoch=str(len(errors)))
    assert titles(app)[0].startswith(f"Epoch {len(errors)}, training error: ")


def test_no_run_is_one_sentence_and_the_papers_errors_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch)
    app = start(PAGE)
    assert "No recorded training run comes with this package." in page_text(app)
    assert not app.get("plotly_chart")
    assert len(app.dataframe) == 1


def test_the_table_holds_the_paper_and_the_accuracy_of_our_weights() -> None:
    app = start(PAGE, replay="Paper")
    table = app.dataframe[0].value.set_index("net")
    _, theirs, test, train = tables.COLUMNS
    assert table[theirs].dropna().to_dict() == {
        variant.title: variant.paper_error for variant in rc.VARIANTS.values() if variant.family == "cifar"
    }
    for run in (PLAIN, RESIDUAL):
        assert table.loc[run.title, test] == pytest.approx(100 * (1 - run.weights.accuracy))
        assert table.loc[run.title, train] == pytest.approx(100 * run.curves["train_error"].iloc[-1])
    assert paper.finding(app.dataframe[0].value) in said(app)
    recipe = app.table[0].value
    assert recipe.columns.tolist() == ["paper", "plain-20, ResNet-20"]
    assert recipe.loc["data"].tolist() == ["CIFAR-10", "a JPEG copy of CIFAR-10"]
    assert recipe.loc["epochs"].tolist()[1] == str(len(PLAIN.curves))


@pytest.fixture
def early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> rc.Run:
    """The only run there is: with its confusion, and with its weights after each of three epochs."""
    return the_only_run(tmp_path, monkeypatch)


def test_what_test_pictures_are_taken_for_follows_the_epoch(early: rc.Run) -> None:
    app = start(PAGE, epoch="2", replay="Confusions")
    for epoch in (2, 3):
        app.slider("epoch").set_value(epoch).run()
        counts = tables.counts_at(early.confusion, epoch)
        assert titles(app) == [confusion.verdict(counts, "ResNet-32", epoch)]
        assert alts(app)[0].startswith(confusion.finding(counts, "ResNet-32", epoch))


def test_a_run_on_held_out_pictures_says_so_wherever_they_are_behind(
    early: rc.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(monkeypatch, held_out(early))
    app = start(PAGE, epoch="2", measured="true")
    assert "50.0 % training, 90.0 % held-out error" in alts(app)[0]
    assert "on 20\N{NO-BREAK SPACE}% of the training pictures, which were held out, at their full 32 px" in page_text(
        app
    )
    assert "Bold: held-out." in said(app)
    app = start(PAGE, epoch="2", replay="Confusions")
    assert "of the held-out pictures." in said(app)


def test_the_photo_is_answered_by_the_weights_of_that_time(early: rc.Run) -> None:
    app = start(PAGE, epoch="2", sample="Chelsea the cat", replay="Your photo")
    photo = SAMPLES["cat"].load()
    for epoch in (2, 3):
        app.slider("epoch").set_value(epoch).run()
        model = rc.load("resnet32", early.epoch_weights[epoch], device="cpu")
        first = rc.predict(model, rc.preprocess(photo, model)).iloc[0]
        (bars,) = [element.proto.body for element in app.get("html") if "Most probable classes" in element.proto.body]
        assert bars.index(f"<span>{first['class']}</span>") < bars.index(percent(first["probability"]))
        assert f"##### ResNet-32 after epoch {epoch}" in page_text(app)
        assert titles(app) == [f"By epoch {epoch} ResNet-32 says {first['class']}"]
    assert f"ResNet-32 says {first['class']} " in alts(app)[0]
    assert "Stored weights: ResNet-32 after epochs 1, 2, 3." in page_text(app)


def test_the_weights_of_early_epochs_are_last_in_the_list_and_say_so(early: rc.Run) -> None:
    app = start(net="ResNet-32", weights="digits, after epoch 2")
    assert app.selectbox("weights").options == [
        "digits",
        "random weights",
        "digits, after epoch 1",
        "digits, after epoch 2",
    ]
    assert app.selectbox("weights").value == early.epoch_weights[2]
    assert (
        "trained on a JPEG copy of CIFAR-10 for 2 epochs. It is right on 20\N{NO-BREAK SPACE}% of pictures"
        in page_text(app)
    )
    assert "ResNet-32" in page_text(start(PAGE, net="ResNet-32"))


@pytest.mark.parametrize("part", ["Confusions", "Your photo"])
def test_a_part_that_these_runs_have_nothing_for_says_so(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, RESIDUAL_20, PLAIN_20)
    app = start(PAGE, replay=part)
    assert not app.get("plotly_chart")
    assert "Of these networks no" in app.info[0].value


def test_a_net_of_which_only_the_last_weights_are_here_answers_at_the_end() -> None:
    app = start(PAGE, run_data="Imagenette", epoch="2", replay="Your photo")
    last = len(PHOTOS.curves)
    assert f"No weights are kept before epoch {last}." in page_text(app)
    app.slider("epoch").set_value(last).run()
    assert f"##### ResNet-18 after epoch {last}" in page_text(app)
    assert f"Stored weights: ResNet-18 after epoch {last} only." in page_text(app)
    assert not app.get("plotly_chart")  # one point is no chart


def test_runs_that_are_left_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnet_core.training.runs.DAMAGED_FILES", ["resnet56-cifar10.csv is not there"])
    monkeypatch.setitem(catalogue.DAMAGED_WEIGHTS, ("resnet44", "cifar10"), "resnet44-cifar10.safetensors is damaged.")
    app = start(PAGE)
    told = "Files that are left out: resnet56-cifar10.csv is not there.", "resnet44-cifar10.safetensors is damaged."
    assert all(sentence in page_text(app) for sentence in told)
    app.pills("runs_CIFAR-10").set_value([]).run()
    assert all(sentence in page_text(app) for sentence in told)
