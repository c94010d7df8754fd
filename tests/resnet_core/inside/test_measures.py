"""Measures from hand-made records."""

import math

import pytest
import torch

from resnet_core.inside.measuring import cosine, dead_channels, l2, measures
from resnet_core.inside.records import BlockRecord, ForwardRecord


def record(**parts: torch.Tensor | None) -> ForwardRecord:
    block = BlockRecord(name="layer1.0", stage="layer1", shortcut_kind="identity", **parts)
    return ForwardRecord(model="by hand", stem=torch.zeros(1), blocks=(block,), logits=torch.zeros(1, 2))


def test_every_column_by_hand() -> None:
    x = torch.tensor([3.0, 4.0, 0.0, 0.0]).view(1, 2, 1, 2)
    residual = torch.tensor([-3.0, 0.0, -4.0, 0.0]).view(1, 2, 1, 2)
    total = residual + x  # 0, 4, -4, 0
    row = measures(record(x=x, shortcut=x, residual=residual, y=total.relu())).iloc[0]
    assert row["block"] == "layer1.0"
    assert row["residual_norm"] == pytest.approx(5)
    assert row["shortcut_norm"] == pytest.approx(5)
    assert row["ratio"] == pytest.approx(1)
    assert row["residual_std"] == pytest.approx(math.sqrt(25 / 4 - (7 / 4) ** 2))
    assert row["zeros"] == 0.75
    assert row["dead_channels"] == 1
    assert row["cosine"] == pytest.approx(16 / (5 * 4))
    assert row["finite"]


def test_a_plain_block_has_no_ratio() -> None:
    ones = torch.ones(1, 1, 2, 2)
    row = measures(record(x=ones, shortcut=None, residual=ones, y=ones)).iloc[0]
    assert math.isnan(row["shortcut_norm"])
    assert math.isnan(row["ratio"])


def test_a_broken_block_is_marked() -> None:
    ones = torch.ones(1, 1, 2, 2)
    row = measures(record(x=ones, shortcut=ones, residual=ones, y=ones * math.nan)).iloc[0]
    assert not row["finite"]


def test_small_pieces() -> None:
    assert l2(torch.tensor([3.0, 4.0])) == 5
    assert math.isnan(cosine(torch.zeros(2), torch.ones(2)))
    assert math.isnan(cosine(torch.ones(2), torch.ones(3)))
    assert cosine(torch.ones(2), -torch.ones(2)) == pytest.approx(-1)
    y = torch.zeros(2, 3, 2, 2)
    y[1, 2, 0, 1] = 1  # alive for one pixel of one picture
    assert dead_channels(y) == 2
