"""One block under the microscope, from records of real blocks and by hand."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

import resnet_core as rc
from app.feature_maps.charts import block_words, parts
from app.feature_maps.charts.parts import Unit
from app.shared.drawing.colours import DIVERGING


def record(name: str, *, shortcut: str | None = None) -> rc.ForwardRecord:
    model = rc.build(name, shortcut=shortcut, seed=0, num_classes=4).eval()
    return rc.capture(model, torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("shortcut", ["A", "B", "C", "none"])
def test_the_signs_hold_for_every_block(shortcut: str) -> None:
    for block in record("resnet20", shortcut=shortcut).blocks:
        for part in parts.parts_of(block.shortcut_kind):
            if not parts.is_signed(part, block.shortcut_kind):
                assert float(getattr(block, part).min()) >= 0, (block.name, part)
        assert float(block.sum.min()) < 0


def test_zero_padding_puts_the_channels_of_x_in_the_middle() -> None:
    block = record("resnet20", shortcut="A")["layer2.0"]  # 16 -> 32 channels
    for channel in range(32):
        source = parts.channel_of_x(block, channel)
        expected = torch.zeros(16, 16) if source is None else block.x[0, source, ::2, ::2]
        assert torch.equal(block.shortcut[0, channel], expected)
        assert parts.is_padding(block, "shortcut", channel) is not bool(expected.any())
        assert not parts.is_padding(block, "y", channel)
    assert "Channel 0 is one of the new ones, all zeros" in block_words.shortcut_words(block, 0)
    assert "Channel 8 is channel 0 of x at every second pixel." in block_words.shortcut_words(block, 8)
    wider = record("resnet50", shortcut="A")["layer1.0"]  # more channels at stride 1: every pixel
    assert torch.equal(wider.shortcut[0, 100], wider.x[0, 4])
    assert "Channel 100 is channel 4 of x." in block_words.shortcut_words(wider, 100)


def test_the_panels_add_up_and_share_one_scale() -> None:
    block = record("resnet18")["layer2.1"]
    x, residual, shortcut, total, y = parts.panels(block, 5)
    assert np.array_equal(x.values, shortcut.values)
    assert np.array_equal(residual.values + shortcut.values, total.values)
    assert np.array_equal(np.maximum(total.values, 0), y.values)
    assert [panel.title for panel in parts.panels(block, 5)][1:3] == ["F(x)", "shortcut(x)"]  # as in the equation
    largest = max(abs(float(part[0, 5].min())) for part in (block.residual, block.sum))
    largest = max(largest, *(float(part[0, 5].max()) for part in (block.x, block.residual, block.sum)))
    assert parts.limit_of([x, shortcut, residual, total, y]) == pytest.approx(largest)
    assert residual.note == f"std {block.residual[0, 5].std(correction=0):.3g}"
    assert "bit for bit" in block_words.shortcut_words(block, 5)


def test_a_projection_has_no_single_channel_of_x() -> None:
    block = record("resnet50")["layer1.0"]  # keeps the size, 64 -> 256 channels
    x = parts.panels(block, 3)[0]
    assert x.values is None
    assert x.note == "No single channel: the projection mixes all 64 of x."
    assert parts.is_signed("shortcut", block.shortcut_kind)
    assert "64 × 8 × 8 to 256 × 8 × 8 although the map keeps its size" in block_words.shortcut_words(block, 3)
    kept = record("resnet20", shortcut="C")["layer1.1"]
    assert "x has the right shape already, but with option C a 1×1 conv" in block_words.shortcut_words(kept, 3)


def test_a_plain_block_says_that_it_has_no_shortcut() -> None:
    found = record("resnet20", shortcut="none")
    same, wider = found["layer1.1"], found["layer2.0"]
    assert "has no shortcut" in parts.panels(same, 0)[2].note
    assert np.array_equal(parts.panels(same, 0)[0].values, same.x[0, 0].numpy())
    assert parts.panels(wider, 0)[0].note == "x has 16 channels, and none of them is this one."
    assert "plain twin" in block_words.shortcut_words(same, 0)
    assert "shortcut(x)" not in block_words.silent_words(same)


def test_not_finite_values_do_not_decide_the_scale() -> None:
    values = np.array([[math.nan, math.inf], [-3.0, 1.0]], dtype=np.float32)
    panel = parts.Panel("", "", values, "")
    nothing = parts.Panel("", "", None, "")
    assert parts.limit_of([panel, nothing]) == 3
    assert parts.limit_of([nothing]) == 0
    assert parts.scale_words([panel, nothing]).startswith("Grey")
    assert not parts.scale_words([nothing])


def test_dead_channels_are_counted() -> None:
    block = record("resnet20")["layer1.0"]
    dead = int((block.y[0] == 0).flatten(1).all(1).sum())
    assert block_words.silent_words(block).startswith(f"{dead} of 16 channels of y are 0 everywhere.")


def test_a_position_inside_a_block_stands_for_a_unit_before_it() -> None:
    found = record("resnet20")
    assert parts.unit_of(found, "stem", "y", 3, 4) == Unit("stem", 3, 4)
    assert parts.unit_of(found, "layer2.0", "y", 3, 4) == Unit("layer2.0", 3, 4)
    assert parts.unit_of(found, "layer2.0", "residual", 3, 4) == Unit("layer2.0", 3, 4, is_output=False)
    assert parts.unit_of(found, "layer2.0", "x", 3, 4) == Unit("layer1.2", 3, 4)
    assert parts.unit_of(found, "layer2.0", "shortcut", 3, 4) == Unit("layer1.2", 6, 8, is_output=False)
    assert parts.unit_of(found, "layer1.0", "shortcut", 3, 4) == Unit("stem", 3, 4, is_output=False)


def test_the_panels_are_painted_side_by_side_on_one_scale() -> None:
    values = np.array([[-2.0, 0.0], [2.0, np.nan]], dtype=np.float32)
    panel = parts.Panel("", "", values, "")
    nothing = parts.Panel("", "", None, "")
    painted = np.asarray(Image.open(io.BytesIO(parts.painted([panel, nothing, panel], 2.0, side=4, gap=2))))
    assert painted.shape == (4, 10, 3)
    for left in (0, 6):
        corners = [painted[row, left + column].tolist() for row, column in ((0, 0), (0, 2), (2, 0), (2, 2))]
        assert corners == [list(DIVERGING[0]), list(DIVERGING[2]), list(DIVERGING[4]), [128, 128, 128]]
    assert (painted[:, 4:6] == 255).all()
