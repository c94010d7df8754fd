"""Norm and standard deviation against NumPy in double precision, where float32 under- and overflows too."""

import numpy as np
import pytest
import torch

from resnet_core.gradients._norms import deviation, l2_norm


def values(scale: float, mean: float = 0.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    drawn = torch.randn(3, 4, 5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return (scale * (drawn + mean)).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-37, 1e-23, 1e-13, 1e-3, 1.0, 1e10, 1e13, 1e25])
def test_the_norm_at_every_size(scale: float, dtype: torch.dtype) -> None:
    tensor = values(scale, dtype=dtype)
    assert l2_norm(tensor).item() == pytest.approx(np.linalg.norm(tensor.double().numpy().ravel()), rel=1e-6, abs=0)


@pytest.mark.parametrize("mean", [0.0, 2.0, 1e3])  # in standard deviations
@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1.0, 1e25])
def test_the_deviation_at_every_size(scale: float, mean: float) -> None:
    tensor = values(scale, mean)
    assert deviation(tensor).item() == pytest.approx(tensor.double().numpy().std(), rel=1e-5, abs=0)


def test_zeros_have_norm_and_deviation_exactly_0_and_a_constant_has_no_deviation() -> None:
    assert l2_norm(torch.zeros(2, 3, 4, 4)) == deviation(torch.zeros(2, 3, 4, 4)) == 0
    assert deviation(torch.full((2, 3, 4, 4), 0.1)) < 1e-9


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_what_is_not_finite_stays_visible(bad: float) -> None:
    tensor = values(1.0)
    tensor[1, 2, 3, 4] = bad
    assert not l2_norm(tensor).isfinite()
    assert not deviation(tensor).isfinite()
