"""What one block did, in one line, from records of real blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

import resnet_core as rc
from app.feature_maps.charts import block_words


def record(name: str = "resnet20", *, remove: tuple[str, ...] = (), **options: str) -> rc.ForwardRecord:
    model = rc.build(name, seed=0, **options).eval()
    return rc.capture(model, torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)), remove=remove)


def said(recorded: rc.ForwardRecord, name: str) -> str:
    return block_words.finding(recorded[name], rc.measures(recorded).set_index("block").loc[name])


def test_the_size_of_f_and_the_direction_of_y_are_those_of_the_block() -> None:
    found = record()
    block = found["layer1.1"]
    ratio = float(block.residual.double().norm() / block.shortcut.double().norm())
    cosine = float(torch.cosine_similarity(block.x.double().flatten(), block.y.double().flatten(), dim=0))
    assert said(found, "layer1.1") == (
        f"layer1.1 adds F(x), {ratio:.2g} times as large as its shortcut; the cosine of x and y is {cosine:.2f}."
    )
    assert said(found, "layer2.0").endswith("times as large as its shortcut, which changes the shape of x.")


def test_a_plain_block_has_nothing_to_compare_f_with() -> None:
    found = record(shortcut="none")
    assert said(found, "layer1.0") == "layer1.0 has no shortcut: y is ReLU(F(x)), and nothing of x passes by."


def test_values_that_are_not_finite_are_told() -> None:
    assert said(record("resnet1202"), "layer3.199") == "y of layer3.199 holds values that are not finite."


def test_a_shortcut_of_zeros_has_no_size() -> None:
    found = record()
    row = rc.measures(found).set_index("block").loc["layer1.0"].copy()
    row["ratio"] = float("nan")
    assert block_words.finding(found["layer1.0"], row) == "layer1.0 adds F(x) to a shortcut of zeros."


@pytest.mark.parametrize(
    ("options", "name", "words"),
    [
        ({}, "layer1.0", "F(x) = 0 in layer1.0: y = x, to the last bit in all 16 channels."),
        ({}, "layer2.0", "F(x) = 0 in layer2.0: y is the shortcut alone, ReLU of the zero padding, which is not x."),
        ({"shortcut": "C"}, "layer1.0", "y is the shortcut alone, ReLU of the 1×1 projection, which is not x."),
        ({"shortcut": "none"}, "layer1.0", "nothing is left, and y = 0. A plain block carries no x past F."),
    ],
)
def test_what_is_left_without_f(options: dict[str, str], name: str, words: str) -> None:
    assert block_words.finding_without(record(remove=(name,), **options)[name]).endswith(words)


def test_of_values_that_are_not_finite_nothing_is_said() -> None:
    block = record()["layer1.0"]
    said = block_words.finding_without(replace(block, y=torch.full_like(block.y, torch.nan)))
    assert said == "F(x) = 0 in layer1.0: y holds values that are not finite."


def test_y_is_called_x_only_where_it_is() -> None:
    block = record()["layer1.0"]  # with F(x)
    assert "y = x" not in block_words.finding_without(block)
