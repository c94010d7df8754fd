"""Correlation of input gradients along a path: a linear network, the definition in a loop, the published picture."""

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.errors import ResNetCoreError
from resnet_core.gradients.correlation import shattering
from resnet_core.nets.model import build
from tests.fingerprints import fingerprint


def noise(size: int = 32, seed: int = 0) -> Tensor:
    """Two ends of a path."""
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shortcut", [None, "none"])
def test_a_linear_network_has_one_gradient(shortcut: Any) -> None:
    model = build("resnet20", shortcut=shortcut, norm="none", seed=0)
    with torch.no_grad():
        for parameter in model.parameters():  # no ReLU of positive weights and pictures ever closes
            parameter.copy_(1 / parameter[0].numel() if parameter.ndim > 1 else torch.zeros(()))
    table = shattering("resnet20", noise(8).abs(), weights=model, norm="none", points=5, lags=4)
    assert table["lag"].tolist() == [0, 1, 2, 3, 4]
    assert table["correlation"].tolist() == pytest.approx([1] * 5)


def test_the_definition_in_a_loop() -> None:
    model = build("resnet20", shortcut="none", seed=1, num_classes=10).double().train()
    ends = noise(16).double()
    path = torch.stack([ends[0] * (1 - at / 5) + ends[1] * (at / 5) for at in range(6)]).requires_grad_()
    (gradient,) = torch.autograd.grad(model(path)[:, 0].sum(), path)
    expected = []
    for lag in range(4):
        cosines = [
            functional.cosine_similarity(gradient[a].flatten(), gradient[b].flatten(), dim=0).item()
            for a, b in itertools.combinations_with_replacement(range(6), 2)
            if b - a == lag
        ]
        assert len(cosines) == 6 - lag
        expected.append(sum(cosines) / len(cosines))
    table = shattering("resnet20", ends, shortcut="none", seed=1, points=6, lags=3, dtype=torch.float64)
    assert table["correlation"].tolist() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "shortcut", "neighbours"),
    [("resnet20", "none", 0.16), ("resnet20", None, 0.82), ("resnet56", "none", 0.0), ("resnet56", None, 0.54)],
)
def test_plain_nets_shatter_and_residual_nets_less(name: str, shortcut: Any, neighbours: float) -> None:
    correlation = shattering(name, noise(), shortcut=shortcut).set_index("lag")["correlation"]
    assert correlation[0] == pytest.approx(1)
    assert correlation[1] == pytest.approx(neighbours, abs=0.06)
    assert correlation[15] < max(0.05, correlation[1])


def test_a_gradient_of_exactly_0_has_no_direction() -> None:
    small: dict[str, Any] = {"norm": "none", "init": "normal", "dtype": torch.float32}
    table = shattering("resnet56", noise(8), shortcut="none", points=3, lags=2, **small)
    assert table["correlation"].isna().all()


def test_nothing_is_left_behind_and_progress_counts_to_the_end() -> None:
    model = build("resnet20", seed=0).eval()
    before = fingerprint(model)
    seen: list[tuple[int, int]] = []
    ends = noise(8).requires_grad_()
    with torch.inference_mode():
        shattering("resnet20", ends, weights=model, points=3, lags=1, progress=lambda *report: seen.append(report))
    assert fingerprint(model) == before
    assert ends.grad is None
    assert seen == [(done, 23) for done in range(1, 24)]  # stem, 9 blocks and head there and back, and the end


@pytest.mark.parametrize(("points", "lags"), [(3, 3), (2, 0), (1, 1)])
def test_lags_must_fit_the_path(points: int, lags: int) -> None:
    with pytest.raises(ResNetCoreError, match=f"lags is {lags} and points {points}, but 1 <= lags < points must hold"):
        shattering("resnet20", noise(), points=points, lags=lags)


def test_a_path_has_two_ends() -> None:
    with pytest.raises(ResNetCoreError, match="ends holds 3 pictures, but a path goes from one to another: give two"):
        shattering("resnet20", torch.zeros(3, 3, 8, 8))


def test_single_precision_holds_the_digits_that_the_page_tells() -> None:
    for shortcut in ("none", "A"):
        both = [
            shattering("resnet56", noise(16), shortcut=shortcut, points=16, lags=1, dtype=dtype)["correlation"][1]
            for dtype in (torch.float32, torch.float64)
        ]
        assert both[0] == pytest.approx(both[1], abs=0.05)  # one decimal
