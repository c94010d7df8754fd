"""Sizes of results, against what was put into them."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch
from PIL import Image

import resnet_core as rc
from app.engine.sizes import ENTRY, TABLE, size_of

KIB = 2**10
SLACK = KIB  # bytes of Python's own objects in the small results of this file


@dataclass(frozen=True, eq=False)
class Found:
    values: torch.Tensor
    seen: tuple[object, ...] = ()


STORED = torch.zeros(64 * KIB)  # 256 KiB
PIXELS = np.zeros((64, KIB), np.uint8)  # 64 KiB


def with_notes(table: pd.DataFrame, notes: object) -> pd.DataFrame:
    """As `gradient_flow` leaves losses on its table."""
    table.attrs["notes"] = notes
    return table


@pytest.mark.parametrize(
    ("result", "kibibytes"),
    [
        (STORED, 256),
        (STORED[:1], 256),  # a view keeps the whole
        (Found(STORED, (STORED[1:], STORED.numpy())), 256),  # once
        (Found(STORED, ([torch.zeros(KIB)], {"a": torch.zeros(KIB)}, None)), 264),
        (PIXELS[::2].T, 64),
        (Image.new("RGB", (64, KIB)), 256),  # Pillow keeps four bytes a pixel
        (Image.new("L", (64, KIB)), 64),
        (Image.new("1", (64, KIB)), 64),  # a byte a pixel, not a bit
        (Image.new("P", (64, KIB)), 64),
        (bytes(64 * KIB), 64),
        ("a" * 64 * KIB, 64),
        ({bytes(64 * KIB)}, 64),
        (frozenset({bytes(64 * KIB)}), 64),
        ({bytes(64 * KIB): None}, 64),  # what a dictionary is asked with
        (pd.DataFrame({"a": np.zeros(8 * KIB), "b": np.zeros(8 * KIB, np.float32)}), (64 + 32) + TABLE / KIB),
        (pd.DataFrame({"a": ["b" * 64 * KIB]}, dtype=object), 64 + TABLE / KIB),
        (with_notes(pd.DataFrame({"a": [1]}), PIXELS), 64 + TABLE / KIB),
    ],
)
def test_what_a_result_keeps(result: object, kibibytes: float) -> None:
    assert kibibytes * KIB <= size_of(result) - ENTRY <= kibibytes * KIB + SLACK


def test_a_network_counts_its_parameters_and_buffers() -> None:
    network = rc.build("resnet20", seed=0)
    numbers = [*network.parameters(), *network.buffers()]
    assert size_of(network) - ENTRY == sum(tensor.numel() * tensor.element_size() for tensor in numbers)


def test_a_forward_record_counts_what_its_blocks_did_once() -> None:
    network = rc.build("resnet20", seed=0).eval()
    record = rc.capture(network, torch.zeros(1, 3, 32, 32))
    parts = [record.stem, record.logits]
    parts += [part for block in record.blocks for part in (block.x, block.shortcut, block.residual, block.y)]
    places = {part.data_ptr(): part.nbytes for part in parts if part is not None}
    assert sum(places.values()) <= size_of(record) - ENTRY <= sum(places.values()) + 32 * KIB


def test_a_figure_counts_with_its_values() -> None:
    empty = size_of(go.Figure())
    assert 256 * KIB < size_of(go.Figure(go.Scatter(y=STORED.numpy()))) - empty < 400 * KIB  # written as text


def test_a_chart_counts_with_the_memory_that_it_takes() -> None:
    """Plotly's objects take far more than the numbers in them: measured here with `tracemalloc`."""

    def chart() -> go.Figure:
        lines = [go.Scatter(x=list(range(40)), y=list(range(40)), name=str(number)) for number in range(4)]
        return go.Figure(lines).update_layout(height=300).update_xaxes(title={"text": "epoch"})

    chart()  # what Plotly keeps for all charts
    tracemalloc.start()
    try:
        kept = chart()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / 2 < size_of(kept) < 4 * taken
