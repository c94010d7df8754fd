"""What a switch changed, in words, against the counts of facts and the errors of the paper."""

import re

import pytest
import torch

import resnet_core as rc
from app.architecture.charts.changes import change_words, small_words


def words(name: str, own: dict, now: dict) -> str:
    return change_words(rc.describe(name, **own), rc.describe(name, **now))


def test_option_c_on_resnet_34_as_the_paper_has_it() -> None:
    said = words("resnet34", {}, {"shortcut": "C"})
    assert said.startswith("Option C adds 13 projections: +919,168 parameters, +")
    assert (
        "He et al. 2015: 24.52 % → 24.19 % (top-1 error on ImageNet, ten crops of ResNet-34), 0.33 points better."
        in said
    )


def test_option_a_removes_the_three_projections() -> None:
    said = words("resnet34", {}, {"shortcut": "A"})
    assert said.startswith("Option A removes 3 projections: −173,824 parameters, −")
    assert "25.03 % (top-1 error on ImageNet, ten crops of ResNet-34), 0.51 points worse" in said


def test_the_plain_twin_of_option_a_costs_the_same() -> None:
    said = words("resnet18", {"shortcut": "A"}, {"shortcut": "none"})
    assert said == (
        "Without shortcuts ResNet-18 becomes plain-18: the same parameters, the same MACs. "
        "He et al. 2015: 27.88 % → 27.94 % (top-1 error on ImageNet, ten crops of ResNet-18), 0.06 points worse."
    )


def test_from_the_plain_twin_back() -> None:
    said = words("resnet20", {"shortcut": "none"}, {"shortcut": "A"})
    assert said == "Option A gives the plain network its 9 shortcuts back: the same parameters, the same MACs."
    assert "9 shortcuts back, 2 projections among them: +2,752 parameters" in words(
        "resnet20", {"shortcut": "none"}, {"shortcut": "B"}
    )


@pytest.mark.parametrize("name", ["resnet50", "resnet101", "resnet152"])
def test_the_version_costs_exactly_what_the_stride_moves(name: str) -> None:
    said = words(name, {}, {"version": "v1"})
    assert said.startswith("Version v1 puts the stride on the first 1×1 conv: ")
    assert "the same parameters, −231,211,008 MACs" in said


def test_the_version_means_nothing_to_basic_blocks() -> None:
    assert words("resnet18", {}, {"version": "v1"}) == ""


def test_nothing_changed_says_nothing() -> None:
    assert words("resnet50", {}, {}) == ""


def test_a_worse_option_is_said_to_be_worse() -> None:
    said = words("resnet110", {}, {"shortcut": "C"})
    assert said.endswith(
        "He et al. 2016, Table 1: 6.61 % → 12.22 % (test error on CIFAR-10 of ResNet-110), 5.61 points worse."
    )


@pytest.mark.parametrize(("name", "size", "side"), [("resnet18", 32, 1), ("resnet18", 64, 2), ("resnet20", 8, 2)])
def test_a_small_picture_is_explained(name: str, size: int, side: int) -> None:
    """What a 3×3 window meets is counted by a convolution: at every position, and by every weight."""
    said = small_words(rc.describe(name, size))
    (values,), (zeros,) = re.findall(r"holds (\d+) value", said), re.findall(r"and (\d+) zeros", said)
    field = torch.ones(1, 1, side, side)
    weight = torch.ones(1, 1, 3, 3, requires_grad=True)
    met = torch.nn.functional.conv2d(field, weight, padding=1)
    (positions,) = torch.autograd.grad(met.sum(), weight)  # at how many positions each weight meets a value
    assert met.unique().tolist() == [int(values)] == [9 - int(zeros)]
    assert ("other weights meet no value" in said) is bool((positions == 0).any())
    assert ("each of its weights meets a value" in said) is bool((positions > 0).all())
    assert f" {side}×{side} at the end" in said


def test_an_ordinary_picture_needs_no_word() -> None:
    assert small_words(rc.describe("resnet18", 224)) == ""
