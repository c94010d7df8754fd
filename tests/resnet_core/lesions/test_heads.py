"""The head after every block, against the network cut by hand and against finite steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from tests.resnet_core.lesions.nets import DEEP, NARROW, batch, net
from tests.resnet_core.lesions.test_removal import by_hand

LAST = ("layer2.0", "layer2.1", "layer2.2", "layer2.3")  # stage of DEEP
FIRST = ["layer1.0", "layer1.1", "layer1.2", "layer1.3"]


@pytest.mark.parametrize(("variant", "options"), [("resnet20", {}), (NARROW, {}), (DEEP, {"shortcut": "none"})])
def test_the_last_one_is_the_networks_own_answer_bit_for_bit(variant: Any, options: dict[str, Any]) -> None:
    model, x = net(variant, **options), batch(3, 32)
    found = rc.readouts(model, x)
    own = rc.predict(model, x, top=1)
    end = found.tail(3).reset_index(drop=True)
    for column in ("picture", "index", "class", "probability", "logit"):
        assert list(end[column]) == list(own[column]), column
    assert list(end["target"]) == list(own["index"])
    assert list(end["target_probability"]) == list(own["probability"])


@pytest.mark.parametrize("options", [{}, {"shortcut": "B"}, {"shortcut": "none"}])
def test_every_row_is_what_the_head_says_behind_that_block(options: dict[str, Any]) -> None:
    model, x = net(DEEP, **options), batch()
    found = rc.readouts(model, x, 4)
    assert list(found["block"]) == [name for name in LAST for _ in range(3)]
    assert list(found["picture"]) == [0, 1, 2] * 4
    for count, name in enumerate(LAST, 1):
        logits = by_hand(model, x, [*FIRST, *LAST[:count]])
        rows = found[found["block"] == name]
        best = logits.max(1)
        assert list(rows["index"]) == best.indices.tolist()
        assert list(rows["class"]) == [f"class {index}" for index in best.indices.tolist()]
        assert list(rows["logit"]) == pytest.approx(best.values.tolist(), abs=1e-6)
        assert list(rows["probability"]) == pytest.approx(logits.softmax(1).amax(1).tolist(), abs=1e-6)
        assert list(rows["target_probability"]) == pytest.approx(logits.softmax(1)[:, 4].tolist(), abs=1e-6)
        assert set(rows["target"]) == {4}


def test_the_cosine_tells_whether_a_step_along_f_lowers_the_loss() -> None:
    model, x = net(DEEP).double(), batch().double()
    found = rc.readouts(model, x, 4).set_index(["block", "picture"])
    with torch.no_grad():
        flow = model.layer1(model.stem(x))
        for place, block in enumerate(model.layer2):
            name, residual = f"layer2.{place}", block.residual(flow)

            def losses(start: torch.Tensor, place: int = place) -> torch.Tensor:
                logits = model.head(model.layer2[place:](start))
                return functional.cross_entropy(logits, torch.full((3,), 4), reduction="none")

            ratio = residual.flatten(1).norm(dim=1) / block.shortcut(flow).flatten(1).norm(dim=1)
            assert list(found.loc[name]["ratio"]) == pytest.approx(ratio.tolist())
            if place:
                step = 1e-6 * residual / residual.flatten(1).norm(dim=1)[:, None, None, None]
                slope = (losses(flow - step) - losses(flow + step)) / 2e-6  # how fast the loss falls along F
                given = flow.clone().requires_grad_()
                with torch.enable_grad():
                    (gradient,) = torch.autograd.grad(losses(given).sum(), given)
                cosine = slope / gradient.flatten(1).norm(dim=1)
                assert list(found.loc[name]["cosine"]) == pytest.approx(cosine.tolist(), abs=1e-5)
                assert cosine.abs().max() > 0.01
            else:
                assert found.loc[name]["cosine"].isna().all()  # x has other channels than F(x)
            flow = block(flow)


def test_also_where_the_network_is_as_sure_as_single_precision_can_tell() -> None:
    model = net(DEEP)
    with torch.no_grad():
        model.fc.weight *= 1e3
    found, exact = rc.readouts(model, batch()), rc.readouts(model.double(), batch())
    assert (found["probability"].tail(3) == 1).all()
    np.testing.assert_allclose(found["cosine"], exact["cosine"], atol=1e-4)
    assert found["cosine"].notna().sum() == 9


def test_a_plain_block_adds_nothing_to_x() -> None:
    found = rc.readouts(net(shortcut="none"), batch())
    assert found[["cosine", "ratio"]].isna().all(axis=None)


def test_a_target_for_each_picture() -> None:
    model, x = net(DEEP), batch()
    found = rc.readouts(model, x, torch.tensor([1, 5, 9]))
    for picture, target in enumerate((1, 5, 9)):
        alone = rc.readouts(model, x[picture : picture + 1], target)
        both = found[found["picture"] == picture]
        np.testing.assert_allclose(both["cosine"], alone["cosine"], atol=1e-5)
        np.testing.assert_allclose(both["target_probability"], alone["target_probability"], atol=1e-6)


def test_progress_counts_blocks_and_the_way_back_through_the_last_stage() -> None:
    seen: list[tuple[int, int]] = []
    rc.readouts(net(DEEP), batch(), progress=lambda *report: seen.append(report))
    assert seen == [(done, 12) for done in range(1, 13)]


def test_pictures_made_in_inference_mode_are_read_too() -> None:
    with torch.inference_mode():
        found = rc.readouts(net(DEEP), batch())
    assert found.equals(rc.readouts(net(DEEP), batch()))


def test_a_target_that_is_no_class_is_one_sentence() -> None:
    with pytest.raises(ResNetCoreError, match="The target is 10, but must be a class number from 0 to 9"):
        rc.readouts(net(), batch(), 10)
