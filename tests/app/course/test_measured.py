"""What decides the questions of lessons, held against the library, the recorded files, the paper and arithmetic."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr
from torch.nn import functional

import resnet_core as rc
from app import course
from app.course.lesson import Measured, Step
from app.course.measured import MEASUREMENTS
from app.engine import compute
from app.engine.selection import Net
from resnet_core.gradients import batches
from resnet_core.pictures.samples import SAMPLES
from resnet_core.weights.bundled import PRETRAINED

CAT = "sample=Chelsea+the+cat"
DEEP = "net=ResNet-56&weights=CIFAR-10"
FIVE = ("layer1.4", "layer1.7", "layer2.3", "layer2.6", "layer2.8")


def found(name: str, of: str = "", settings: str = "") -> Measured:
    """What a measurement finds on a page with these settings."""
    return MEASUREMENTS[name].measure(Step("", "", f"/page?{settings}").settings, of)


def batch_of(model: rc.ResNet, sample: str) -> torch.Tensor:
    return rc.preprocess(SAMPLES[sample].load(), model)


def first_answers(model: rc.ResNet) -> dict[str, float]:
    """The probability of the first answer to each sample photo."""
    return {name: float(model(batch_of(model, name)).softmax(1).max().detach()) for name in SAMPLES}


def close(measured: Measured, value: float, precision: float = 1e-5) -> bool:
    return all(math.isclose(end, value, rel_tol=precision, abs_tol=precision) for end in (measured.low, measured.high))


def test_the_readme_lists_what_can_decide() -> None:
    told = (Path(course.__file__).parent / "README.md").read_text(encoding="utf-8")
    rows = [(name, each.says, ", ".join(f"`{word}`" for word in each.words)) for name, each in MEASUREMENTS.items()]
    assert re.findall(r"^\| `(\w+)` \| (.+) \| (`.+`) \|$", told, re.MULTILINE) == rows


def test_answers_and_how_often_they_are_right() -> None:
    small, deep = rc.load("resnet18", "imagenette"), rc.load("resnet56", "cifar10")
    cat, golf_ball = (first_answers(small)[name] for name in ("cat", "golf-ball"))
    measured = found("first_probability", settings=CAT)
    assert close(measured, cat)
    assert measured.words == {"class": "golf ball", "probability": f"{100 * cat:.1f} %", "words": "10"}
    warm = found("first_probability", settings=f"{CAT}&temperature=true")
    logits = small(batch_of(small, "cat")) / rc.WEIGHTS["resnet18", "imagenette"].temperature
    assert close(warm, float(logits.softmax(1).max().detach()))

    table = rc.WEIGHTS["resnet18", "imagenette"].reliability
    row = table[(table["low"] <= golf_ball) & (golf_ball < table["high"])].iloc[0]
    measured = found("right_beyond_said", settings="sample=A+golf+ball+%28drawn%29")
    assert (measured.low, measured.high) == tuple(row[["accuracy_low", "accuracy_high"]] - row["confidence"])
    assert measured.words["said"] == f"{100 * row['low']:g} to {100 * row['high']:g} %"
    assert measured.words["pictures"] == f"{row['count']:.0f}"
    with pytest.raises(rc.ResNetCoreError, match="Nobody measured"):
        found("right_beyond_said", settings="weights=random+weights")

    sure = sum(probability >= 0.8 for probability in first_answers(deep).values())
    assert found("sure_photos", "80 %", DEEP) == Measured(
        sure, sure, {"count": str(sure), "photos": str(len(SAMPLES)), "words": "10"}
    )


@pytest.mark.parametrize(("net", "name"), [("ResNet-56", "resnet56"), ("ResNet-20", "resnet20")])
def test_what_a_block_adds_to_its_shortcut(net: str, name: str) -> None:
    model = rc.load(name, "cifar10")
    ratios, cosines = [], []
    for sample in SAMPLES:
        blocks = rc.capture(model, batch_of(model, sample)).blocks
        ratios.append(pd.Series([float(block.residual.norm() / block.shortcut.norm()) for block in blocks]).median())
        same = [block for block in blocks if block.x.shape == block.y.shape]
        cosines.append(
            pd.Series([float(functional.cosine_similarity(each.x.flatten(), each.y.flatten(), 0)) for each in same])
        )
    settings = f"net={net}&weights=CIFAR-10"
    measured = found("residual_over_shortcut", settings=settings)
    assert (measured.low, measured.high) == pytest.approx((min(ratios), max(ratios)), rel=1e-4)
    medians = [float(each.median()) for each in cosines]
    measured = found("direction_kept", settings=settings)
    assert (measured.low, measured.high) == pytest.approx((min(medians), max(medians)), rel=1e-4)
    assert measured.words["photos"] == str(len(SAMPLES))
    twin = found("direction_kept", settings=f"{settings}%2C+plain+twin")
    assert measured.words["twin"] == twin.words["cosine"]


def test_a_block_without_its_residual() -> None:
    measured = found("changed_without_residual", settings=f"{DEEP}&{CAT}&block=layer2.3")
    assert measured == Measured(0, 0, {"block": "layer2.3", "same": "8,192", "values": f"{32 * 16 * 16:,}"})
    model = rc.load("resnet56", "cifar10")
    with pytest.raises(rc.ResNetCoreError, match="changes the shape of x"):
        found("changed_without_residual", settings=f"{DEEP}&block=layer3.0")
    assert rc.capture(model, batch_of(model, "cat"), remove=["layer2.3"])["layer2.3"].residual.abs().max() == 0


def test_counts_of_the_paper() -> None:
    assert found("copies", "ResNet-50").words == {"copies": "12", "blocks": "16", "others": "4"}
    assert found("copies", "ResNet-34").low == 13  # Table 1: a projection where each of three stages begins
    assert found("more_blocks", "ResNet-34, ResNet-50") == Measured(0, 0, {"first": "16", "second": "16"})
    assert close(found("times_the_macs", "ResNet-34, ResNet-50"), 4_089_184_256 / 3_663_761_408)
    wide = 2 * (9 * 256 * 256 + 2 * 256)  # two 3×3 convs, each with the two vectors of its batch norm
    narrow = 2 * 256 * 64 + 9 * 64 * 64 + 2 * (64 + 64 + 256)
    measured = found("times_the_parameters", "ResNet-50 layer1.1, ResNet-34 layer3.1")
    assert close(measured, wide / narrow)
    assert measured.words == {"first": f"{narrow:,}", "second": f"{wide:,}", "times": f"{wide / narrow:.0f}"}
    assert close(found("fewer_errors", "ResNet-34, ResNet-50"), 76.130 - 73.314)


def test_one_conv_does_what_a_block_of_one_conv_does() -> None:
    model = rc.load("resnet18", "imagenette", device="cpu")
    x = rc.capture(model, batch_of(model, "palace"))["layer1.0"].x
    weight = model.get_submodule("layer1.0.conv1").weight.detach().clone()
    both = x + functional.conv2d(x, weight, padding=1)
    for channel in range(64):
        weight[channel, channel, 1, 1] += 1
    apart = float((functional.conv2d(x, weight, padding=1) - both).norm() / both.norm())
    measured = found("apart_from_one_conv", "layer1.0.conv1", "net=ResNet-18&weights=Imagenette")
    assert measured.low < 1e-6
    assert math.isclose(measured.low, apart, rel_tol=0.5)
    assert measured.words["apart"] == "less than 10⁻⁶"  # other kernels give half of it
    shared = compute.model(Net("resnet18", "imagenette")).state_dict()
    assert all(torch.equal(values, shared[name].cpu()) for name, values in model.state_dict().items())  # nothing is changed


def test_recorded_runs() -> None:
    curves = {
        name: pd.read_csv(PRETRAINED / f"{name}.csv") for name in ("resnet20-cifar10-plain", "resnet56-cifar10-plain")
    }
    plain20, plain56 = (table.set_index("epoch") for table in curves.values())
    for epoch in (1, 6, 40):
        measured = found("training_error_over", "plain-56, plain-20", f"epoch={epoch}")
        errors = plain56.loc[epoch, "train_error"], plain20.loc[epoch, "train_error"]
        assert close(measured, errors[0] / errors[1])
        assert measured.words == {
            **dict(zip(("first", "second"), (f"{100 * error:.1f} %" for error in errors), strict=True)),
            "epoch": str(epoch),
        }
    norms = rc.RUNS["resnet56", "cifar10-plain"].grad_norms
    ratios = norms.groupby("epoch")["grad_norm"].agg(lambda of_block: of_block.iloc[0] / of_block.iloc[-1])
    measured = found("first_over_last_in_training", "plain-56")
    assert (measured.low, measured.high) == pytest.approx((ratios.min(), ratios.max()))
    with pytest.raises(rc.ResNetCoreError, match="No recorded run of ResNet-44"):
        found("training_error_over", "ResNet-44, plain-20")


@pytest.mark.parametrize(("net", "file"), [("ResNet-56", "resnet56-cifar10"), ("plain-56", "resnet56-cifar10-plain")])
def test_recorded_lesions(net: str, file: str) -> None:
    recorded = pd.read_csv(PRETRAINED / f"{file}-lesions.csv", keep_default_na=False)
    table = recorded[recorded["recalibrated"] == 0].set_index("deleted")["errors"]  # batch norm as trained
    starts = table[[name for name in table.index if name.endswith(".0")]]
    others = table.drop([*starts.index, ""])
    measured = found("error_without_a_block", net)
    assert close(measured, float(others.median()))
    assert measured.words["blocks"] == f"{len(others)}"
    assert measured.words["whole"] == f"{100 * table['']:.0f} %"
    low, high = map(int, re.findall(r"\d+", measured.words["without"]))
    assert low <= 100 * others.min() < low + 1
    assert high - 1 < 100 * others.max() <= high
    assert close(found("error_without_a_start", net), float(starts.median()))


def test_paths_and_what_is_left_when_most_are_closed() -> None:
    model = rc.load("resnet56", "cifar10")
    batch = batch_of(model, "cat")
    before, after = (rc.lesion(model, batch, remove=gone).softmax(1)[0] for gone in ((), FIVE))
    measured = found("share_kept_without", settings="&".join([DEEP, CAT, *(f"gone={name}" for name in FIVE)]))
    assert close(measured, float(after[3] / before[3]), 1e-4)
    assert measured.words["paths"] == f"{100 / 2**5:.1f} %"
    assert found("paths", settings=f"{DEEP}&{CAT}").words == {"paths": f"{2**27:,}", "blocks": "27"}

    means = []
    for name in SAMPLES:
        batch = batch_of(model, name)
        norm = rc.path_spectrum(model, batch, int(model(batch).argmax())).gradients.flatten(1).double().norm(dim=1)
        means.append(float((norm * torch.arange(28)).sum() / norm.sum()))
    measured = found("blocks_on_the_gradients_way", settings=f"{DEEP}&{CAT}")
    assert (27 * measured.low, 27 * measured.high) == pytest.approx((min(means), max(means)), rel=1e-4)
    low, high = map(float, measured.words["mean"].split(" to "))
    assert low <= min(means) <= max(means) <= high


def test_read_outs() -> None:
    model = rc.load("resnet56", "cifar10", device="cpu")
    record = rc.capture(model, batch_of(model, "rocket"))
    read = [model.head(block.y).softmax(1)[0].detach() for block in record.blocks[-9:]]
    ship = [float(each[8]) for each in read]
    settings = f"{DEEP}&sample=A+rocket"
    assert close(found("early_answer", settings=settings), ship[0], 1e-4)
    early = found("early_sureness", settings=settings)
    assert close(early, float(read[0].max()), 1e-4)
    assert (early.words["early"], early.words["answer"]) == ("airplane", "ship")
    rises = [later - sooner for sooner, later in zip(ship, ship[1:], strict=False)]
    steep = found("largest_step", settings=settings)
    assert close(steep, max(rises) / (ship[-1] - ship[0]), 1e-4)
    assert steep.words["block"] == f"layer3.{rises.index(max(rises)) + 1}"
    out = "&".join(f"gone=layer3.{number}" for number in (5, 6, 7, 8))
    apart = found("apart_from_read_out", settings=f"{settings}&{out}")
    assert apart.high < 1e-6
    assert apart.words["left"] == apart.words["read"] == f"{100 * ship[4]:.1f} %"
    with pytest.raises(rc.ResNetCoreError, match="Take out the last blocks"):
        found("apart_from_read_out", settings=f"{settings}&gone=layer3.4")


def flow(**how: Any) -> pd.Series:
    batch, labels = batches.noise("cifar")
    return rc.gradient_flow("resnet20", batch, labels, **how)["grad_norm"]


def test_gradients_of_the_settings_seed_by_seed() -> None:
    small = {"norm": "none", "init": "normal", "dtype": torch.float32}
    noise = "source=noise&norm=no+norm&init=normal%2C+std+0.01&precision=single&seeds=1"
    measured = found("first_gradient", "plain-20", noise)
    assert close(measured, float(flow(shortcut="none", **small).iloc[0]), 1e-12)
    assert measured.words["norm"].endswith("(one run)")

    plain, residual = (flow(shortcut=shortcut, norm="none") for shortcut in ("none", "A"))
    measured = found("residual_over_plain", "20", "source=noise&norm=no+norm&seeds=1")
    assert close(measured, residual.max() / plain.max())

    ratios = [norms.iloc[0] / norms.iloc[-1] for norms in (flow(shortcut="none", seed=seed) for seed in range(3))]
    measured = found("first_over_last", "plain-20", "source=noise")
    assert (measured.low, measured.high) == pytest.approx((min(ratios), max(ratios)))
    assert measured.words["compared"].endswith("the last layer (3 seeds)")

    before, after = (flow(shortcut="none", steps=steps).iloc[0] for steps in (0, 1))
    assert close(found("fall_with_steps", "plain-20", "source=noise&steps=1&seeds=1"), before / after)


def test_likeness_and_zeros() -> None:
    batch, _ = batches.noise("cifar")
    table = rc.shattering("resnet20", batch[:2], dtype=torch.float32)
    measured = found("likeness_of_neighbours", "ResNet-20", "source=noise&seeds=1")
    assert close(measured, float(table.loc[table["lag"] == 1, "correlation"].iloc[0]))
    zero = found("first_over_last", "ResNet-20", "source=noise&seeds=1&zero_init=true")  # the last conv gets nothing
    assert math.isnan(zero.low)
    assert zero.words == {"compared": "not a number of times that of the last layer"}


def test_trained_weights_are_asked_for_by_the_settings() -> None:
    batch, labels = batches.noise("cifar")
    norms = rc.gradient_flow("resnet20", batch, labels, weights=rc.load("resnet20", "cifar10"))["grad_norm"]
    trained = "source=noise&learned=trained"
    assert close(found("first_over_last", "ResNet-20", trained), norms.iloc[0] / norms.iloc[-1])
    with pytest.raises(rc.ResNetCoreError, match="Left out: ResNet-44"):
        found("first_over_last", "ResNet-44", trained)


def test_maps_of_other_classes_and_of_random_weights() -> None:
    model = rc.load("resnet20", "cifar10")
    batch = batch_of(model, "cat")
    maps = [rc.attribute(model, batch, target=target, method="guided_backprop").map[0] for target in range(10)]
    others = [spearmanr(maps[3].flatten(), maps[target].flatten())[0] for target in (0, 1, 2, 4, 5, 6, 7, 8, 9)]
    settings = f"net=ResNet-20&weights=CIFAR-10&{CAT}"
    measured = found("alike_for_another_class", "Guided backpropagation", settings)
    assert min(others) - 1e-6 <= measured.low <= measured.high <= max(others) + 1e-6
    assert 1 <= int(measured.words["others"]) <= 9
    kept: list[Sequence[float]] = []
    for method in ("guided_backprop", "saliency"):
        heat = rc.attribute(model, batch, target=3, method=method)
        randomised = rc.trust(model, batch, heat, ("randomisation",)).randomisation
        assert randomised is not None
        below = randomised.draws[randomised.draws["unit"] != "fc"]
        kept.append(below.groupby("draw")["rank_correlation"].mean().tolist())
    measured = found("kept_beyond", "Guided backpropagation, Saliency", settings)
    ends = min(kept[0]) - max(kept[1]), max(kept[0]) - min(kept[1])
    assert (measured.low, measured.high) == pytest.approx(ends)
    assert measured.words["draws"] == str(min(map(len, kept)))


@pytest.mark.parametrize(
    ("name", "of", "why"),
    [
        ("copies", "ResNet-7", "no network ResNet-7"),
        ("more_blocks", "ResNet-34", "two names with a comma"),
        ("times_the_parameters", "ResNet-50 layer9.1, ResNet-34 layer3.1", "no block layer9.1"),
        ("fewer_errors", "ResNet-20, ResNet-50", "ImageNet weights of ResNet-20"),
        ("error_without_a_block", "ResNet-44", "No study of ResNet-44"),
        ("alike_for_another_class", "Voodoo", "no method Voodoo"),
        ("largest_step", "", "does not become more probable"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(name: str, of: str, why: str) -> None:
    with pytest.raises(rc.ResNetCoreError, match=why):
        found(name, of)
