"""Statistics of tiny maps by hand; contributions by the linear head's own arithmetic and by autograd on torchvision."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError
from resnet_core.inside.channels import channel_statistics, contributions
from resnet_core.inside.recording import capture
from resnet_core.nets.model import ResNet, build
from tests.fingerprints import fingerprint


def pictures(count: int, size: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(seed))


# --- statistics


def test_statistics_by_hand() -> None:
    maps = torch.tensor([[[0.0, 2.0], [4.0, 6.0]], [[-1.0, -1.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])
    expected = pd.DataFrame(
        {
            "channel": [0, 1, 2],
            "mean": [3.0, -0.5, 0.0],
            "variance": [5.0, 0.25, 0.0],
            "minimum": [0.0, -1.0, 0.0],
            "maximum": [6.0, 0.0, 0.0],
            "zeros": [0.25, 0.5, 1.0],
            "finite": [True, True, True],
        }
    )
    pd.testing.assert_frame_equal(channel_statistics(maps), expected)
    pd.testing.assert_frame_equal(channel_statistics(maps.half().requires_grad_()), expected)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_only_the_broken_channel_is_marked(broken: float) -> None:
    maps = torch.ones(2, 2, 2)
    maps[1, 0, 1] = broken
    statistics = channel_statistics(maps)
    assert statistics["finite"].tolist() == [True, False]
    assert statistics["mean"].iloc[0] == 1


@pytest.mark.parametrize("shape", [(1, 2, 3, 3), (3, 3), (0, 3, 3), (2, 0, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ResNetCoreError, match=r"The maps are \(.*\), but must be those of one picture: \(C, H, W\)"):
        channel_statistics(torch.zeros(shape))


# --- contributions


@pytest.mark.parametrize(("name", "last"), [("resnet18", "layer4.1"), ("resnet20", "layer3.2")])
def test_exact_at_the_last_block(name: str, last: str) -> None:
    model = build(name, seed=0).double().eval()
    nn.init.normal_(model.fc.bias, generator=torch.Generator().manual_seed(1))  # 0 in a fresh network
    batch = pictures(2, 64).double()
    record = capture(model, batch)
    for target in (0, 3, model.num_classes - 1):
        ours = contributions(model, batch, last, target)
        torch.testing.assert_close(ours.sum(1), record.logits[:, target] - model.fc.bias[target].detach())
        torch.testing.assert_close(ours, record[last].y.mean((2, 3)) * model.fc.weight[target].detach())


def test_leaving_a_channel_out_of_the_last_block_costs_its_contribution() -> None:
    model = build("resnet20", seed=0).double().eval()
    batch = pictures(1, 32).double()
    ours = contributions(model, batch, "layer3.2", 3)[0]
    record = capture(model, batch)
    channel = int(ours.abs().argmax())
    without = record["layer3.2"].y.clone()
    without[:, channel] = 0
    with torch.no_grad():
        lost = record.logits[0, 3] - model.head(without)[0, 3]
    torch.testing.assert_close(ours[channel], lost)


@pytest.mark.parametrize("place", ["stem", "layer2.0", "layer3.1"])
def test_equals_autograd_on_torchvisions_network(place: str) -> None:
    import torchvision

    model = build("resnet18", seed=0).double().eval()
    theirs = torchvision.models.resnet18().double().eval()
    theirs.load_state_dict(model.state_dict())
    batch = pictures(2, 64).double()
    steps = {"stem": nn.Sequential(theirs.conv1, theirs.bn1, theirs.relu, theirs.maxpool)}
    for name in ("layer1", "layer2", "layer3", "layer4"):
        steps |= {f"{name}.{index}": block for index, block in enumerate(getattr(theirs, name))}
    x = batch
    for name, step in steps.items():
        x = step(x)
        if name == place:
            maps = x.detach().requires_grad_()
            x = maps.clone()  # torchvision's blocks work in place
    logits = theirs.fc(theirs.avgpool(x).flatten(1))
    expected = []
    for picture in range(2):
        (gradient,) = torch.autograd.grad(logits[picture, 7], maps, retain_graph=True)
        expected.append((gradient[picture] * maps[picture].detach()).sum((1, 2)))
    ours = contributions(model, batch, place, 7)
    assert ours.abs().max() > 0
    torch.testing.assert_close(ours, torch.stack(expected))


def test_eval_mode_is_used_whatever_the_models_mode(small: ResNet) -> None:
    quiet = contributions(small, pictures(2, 32), "layer2.0", 3)
    assert torch.equal(contributions(small.train(), pictures(2, 32), "layer2.0", 3), quiet)


# --- nothing is left behind


class Stop(BaseException):
    """A cancellation."""


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise FloatingPointError("this block is broken")


def cancel_at(piece: int) -> Callable[[int, int], None]:
    def progress(done: int, _total: int) -> None:
        if done >= piece:
            raise Stop("nobody waits any more")

    return progress


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("piece", [1, 8, 14, None])  # before and behind the place, on the way back, not at all
def test_nothing_is_left_behind(small: ResNet, requires_grad: bool, piece: int | None) -> None:
    small.train().requires_grad_(requires_grad).layer1[0].eval()
    batch = pictures(2, 32).requires_grad_()
    before = fingerprint(small)
    if piece is None:
        assert not contributions(small, batch, "layer2.0", 3).requires_grad
    else:
        with pytest.raises(Stop, match="nobody waits any more"):
            contributions(small, batch, "layer2.0", 3, progress=cancel_at(piece))
    assert fingerprint(small) == before
    assert batch.grad is None


@pytest.mark.parametrize("position", [0, 2])
def test_a_broken_block_is_not_passed_over(small: ResNet, position: int) -> None:
    small.layer2[position] = Broken()
    before = fingerprint(small)
    with pytest.raises(FloatingPointError, match="this block is broken"):
        contributions(small, pictures(1, 32), "layer2.1", 3)
    assert fingerprint(small) == before


def test_works_without_gradients_and_in_inference_mode(small: ResNet) -> None:
    batch = pictures(2, 32)
    expected = contributions(small, batch, "layer2.0", 3)
    with torch.no_grad():
        assert torch.equal(contributions(small, batch, "layer2.0", 3), expected)
    with torch.inference_mode():
        inside = contributions(small, batch, "layer2.0", 3)
        batch_made_there = batch.clone()
        made_there = build("resnet20", seed=0).eval()
    assert torch.equal(inside, expected)
    assert not inside.is_inference()
    assert torch.equal(contributions(made_there, batch, "layer2.0", 3), expected)
    assert torch.equal(contributions(small, batch_made_there, "layer2.0", 3), expected)


def test_eight_threads_on_one_model_get_what_each_gets_alone(small: ResNet) -> None:
    def ours(seed: int) -> Tensor:
        return contributions(small, pictures(1, 32, seed), "layer2.1", seed)

    alone = [ours(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ours, list(range(8)) * 3))
    assert all(torch.equal(together[index], alone[index % 8]) for index in range(24))


def test_progress_counts_forward_and_backward_to_the_end(small: ResNet) -> None:
    seen: list[tuple[int, int]] = []
    contributions(small, pictures(2, 32), "layer3.0", 3, progress=lambda *report: seen.append(report))
    # the stem and seven blocks, two blocks and the head there and back, and the end
    assert seen == [(done, 15) for done in range(1, 16)]


# --- errors


@pytest.mark.parametrize("target", [-1, 10])
def test_a_target_outside_is_named_with_what_is_allowed(small: ResNet, target: int) -> None:
    with pytest.raises(ResNetCoreError, match=f"The target is {target}, but must be a class number from 0 to 9"):
        contributions(small, pictures(1, 32), "layer2.0", target)


def test_an_unknown_place_is_named_with_those_that_are_there(small: ResNet) -> None:
    with pytest.raises(ResNetCoreError, match=r"The place is 'layer4\.0', but must be one of 'stem', .*'layer3\.2'"):
        contributions(small, pictures(1, 32), "layer4.0", 3)


def test_a_wrong_batch_is_refused(small: ResNet) -> None:
    with pytest.raises(ResNetCoreError, match=r"The batch is \(3, 32, 32\), but a network reads"):
        contributions(small, pictures(1, 32)[0], "layer2.0", 3)
