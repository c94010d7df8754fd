"""Methods that take parts of the picture away: against Captum, and by counting logits by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from resnet_core.attribution.maps import METHODS, attribute
from resnet_core.attribution.methods.perturbations import regions_of
from resnet_core.attribution.methods.surrogates import lime_samples, linear_fit, shapley_samples
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.masks import FILLS, filled, masked
from resnet_core.pictures.segments import superpixels
from tests.attributions import TINY, assert_close, linear_network, pictures


@pytest.fixture
def tiny() -> ResNet:
    return build(TINY, seed=0).eval()


def photo(side: int = 32, dtype: torch.dtype = torch.float32) -> Tensor:
    """A picture with regions: four quarters of different colour, a little noise."""
    quarters = torch.tensor([[0.8, -1.2], [-0.4, 1.6]]).repeat_interleave(side // 2, 0).repeat_interleave(side // 2, 1)
    return (quarters + 0.1 * pictures(1, side, side)).to(dtype)


def logit_without(model: ResNet, picture: Tensor, gone: Tensor, fill: Any, target: int) -> Tensor:
    with torch.no_grad():
        return model(masked(picture, gone, fill, transform_of(model)))[:, target]


# --- occlusion


def test_occlusion_equals_captum_on_torchvisions_network(resnet18: ResNet, torchvisions: nn.Module) -> None:
    from captum.attr import Occlusion

    batch, target = pictures(2, 64, 48), torch.tensor([3, 999])
    reference = Occlusion(torchvisions).attribute(
        batch,
        sliding_window_shapes=(3, 26, 20),  # 40 % of 64 is 25.6, of 48 is 19.2
        strides=(3, 13, 10),
        baselines=filled(batch, "white", transform_of(resnet18)),
        target=target,
    )
    record = attribute(resnet18, batch, target, "occlusion", window=40, fill="white")
    assert_close(record.raw, reference)
    assert_close(record.map, reference[:, 1])


@pytest.mark.parametrize("fill", FILLS)
def test_a_pixel_gets_the_mean_of_the_windows_that_cover_it(tiny: ResNet, fill: Any) -> None:
    picture = photo()
    total, covered = torch.zeros(32, 32), torch.zeros(32, 32)
    with torch.no_grad():
        whole = tiny(picture)[:, 3]
    for row in (0, 8, 16):
        for column in (0, 8, 16):
            gone = torch.zeros(1, 32, 32, dtype=torch.bool)
            gone[:, row : row + 16, column : column + 16] = True
            total += gone[0] * (whole - logit_without(tiny, picture, gone, fill, 3))
            covered += gone[0]
    assert_close(attribute(tiny, picture, 3, "occlusion", window=50, fill=fill).map[0], total / covered, 1e-4)


@pytest.mark.parametrize("window", [10, 15, 20, 33, 50])
@pytest.mark.parametrize("side", [5, 24, 32, 33, 224])
def test_windows_are_never_more_than_announced(window: int, side: int) -> None:
    width = math.ceil(side * window / 100)
    places = math.ceil((side - width) / math.ceil(width / 2)) + 1
    announced = METHODS["occlusion"].passes({"window": window})
    assert 1 + places**2 <= announced.forward <= 362
    if side == 224:
        assert 1 + (places + 1) ** 2 >= announced.forward  # and not many fewer


# --- superpixels


@pytest.mark.parametrize("most", [8, 32, 48, 96])
def test_there_are_at_most_as_many_superpixels_as_asked_for(tiny: ResNet, most: int) -> None:
    flat = torch.zeros(1, 3, 32, 32)
    regions = regions_of(tiny, flat, most)
    assert regions.shape == (1, 32, 32)
    assert most / 2 <= int(regions.max()) + 1 <= most
    if most == 8:  # of one colour SLIC makes more than that
        assert int(superpixels(transform_of(tiny).restore(flat), most).max()) + 1 > most


def test_feature_ablation_is_the_fall_of_the_logit_without_each_region(tiny: ResNet) -> None:
    picture = photo()
    regions = regions_of(tiny, picture, 12)
    with torch.no_grad():
        whole = tiny(picture)[:, 3]
    by_hand = torch.zeros(1, 32, 32)
    for region in range(int(regions.max()) + 1):
        gone = regions == region
        by_hand[gone] = float(whole - logit_without(tiny, picture, gone, "blur", 3))
    record = attribute(tiny, picture, 3, "feature_ablation", superpixels=12, fill="blur")
    assert len(by_hand.unique()) > 4
    assert_close(record.map, by_hand, 1e-4)
    assert torch.equal(record.raw, record.map[:, None].expand_as(record.raw))


def test_feature_ablation_equals_captum_on_torchvisions_network(resnet18: ResNet, torchvisions: nn.Module) -> None:
    from captum.attr import FeatureAblation

    picture = photo(64)
    reference = FeatureAblation(torchvisions).attribute(
        picture,
        baselines=filled(picture, "black", transform_of(resnet18)),
        target=7,
        feature_mask=regions_of(resnet18, picture, 8)[:, None],
        perturbations_per_eval=32,
    )
    assert_close(attribute(resnet18, picture, 7, "feature_ablation", superpixels=8, fill="black").raw, reference)


# --- KernelSHAP and LIME


def one_row(kept: Tensor) -> Iterator[Tensor]:
    for row in kept:
        yield row[None].long()


def test_kernel_shap_equals_captum_with_the_same_samples(
    resnet18: ResNet, torchvisions: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    from captum.attr import KernelShap

    picture = photo(64)
    regions = regions_of(resnet18, picture, 8)
    kept, _ = shapley_samples(50, int(regions.max()) + 1, torch.Generator().manual_seed(4))

    def rows(_self: object, _inputs: object, **_more: object) -> Iterator[Tensor]:
        yield from one_row(kept)

    monkeypatch.setattr(KernelShap, "kernel_shap_perturb_generator", rows)
    reference = KernelShap(torchvisions).attribute(
        picture,
        baselines=filled(picture, "mean", transform_of(resnet18)),
        target=7,
        feature_mask=regions[:, None],
        n_samples=50,
        perturbations_per_eval=10,
    )
    record = attribute(resnet18, picture, 7, "kernel_shap", superpixels=8, samples=50, seed=4)
    assert_close(record.raw, reference, 1e-3)  # Captum's fit is in single precision, with weights of a million


def test_lime_equals_captum_with_the_same_samples(resnet18: ResNet, torchvisions: nn.Module) -> None:
    from captum._utils.models.linear_model import SkLearnRidge
    from captum.attr import Lime

    picture = photo(64)
    regions = regions_of(resnet18, picture, 8)
    kept, _ = lime_samples(50, int(regions.max()) + 1, torch.Generator().manual_seed(4))

    def rows(_inputs: object, **_more: object) -> Iterator[Tensor]:
        yield from one_row(kept)

    def similarity(_picture: Tensor, _perturbed: Tensor, row: Tensor, **_more: object) -> float:
        whole = torch.ones_like(row, dtype=torch.float64)
        distance = 1 - float(nn.functional.cosine_similarity(row.double(), whole)) if row.any() else 1.0
        return math.exp(-(distance**2) / (2 * 0.25**2))

    lime = Lime(torchvisions, SkLearnRidge(alpha=1.0), similarity_func=similarity, perturb_func=rows)
    reference = lime.attribute(
        picture,
        baselines=filled(picture, "mean", transform_of(resnet18)),
        target=7,
        feature_mask=regions[:, None],
        n_samples=50,
        perturbations_per_eval=10,
    )
    record = attribute(resnet18, picture, 7, "lime", superpixels=8, samples=50, seed=4)
    assert_close(record.raw, reference, 1e-4)  # Captum's fit is in single precision


@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_the_fit_is_numpys_least_squares(tiny: ResNet, method: str) -> None:
    picture = photo()
    regions = regions_of(tiny, picture, 12)
    sample, ridge = {"kernel_shap": (shapley_samples, 0.0), "lime": (lime_samples, 1.0)}[method]
    kept, weights = sample(80, int(regions.max()) + 1, torch.Generator().manual_seed(5))
    logits = torch.cat([logit_without(tiny, picture, ~row[regions], "mean", 3) for row in kept]).double()
    root = weights.sqrt()[:, None].numpy()
    design = np.hstack([kept.numpy().astype(float), np.ones((80, 1))])  # a column for each region, and the intercept
    penalty = np.sqrt(ridge) * np.eye(kept.shape[1], kept.shape[1] + 1)  # the intercept is free
    answers = np.concatenate([root[:, 0] * logits.numpy(), np.zeros(kept.shape[1])])
    by_hand = np.linalg.lstsq(np.vstack([root * design, penalty]), answers, rcond=None)[0][:-1]
    record = attribute(tiny, picture, 3, method, superpixels=12, samples=80, seed=5)
    assert_close(record.map, torch.from_numpy(by_hand).float()[regions], 1e-4)


@pytest.mark.parametrize("method", ["feature_ablation", "kernel_shap", "lime"])
def test_in_a_linear_network_every_region_gets_what_it_adds(method: str) -> None:
    model, picture = linear_network(), photo(dtype=torch.float64)
    regions = regions_of(model, picture, 10)
    with torch.no_grad():
        whole = model(picture)[:, 3]
    adds = torch.stack(
        [whole - logit_without(model, picture, regions == region, "mean", 3) for region in range(regions.max() + 1)]
    )
    options = {} if method == "feature_ablation" else {"samples": 1000}
    record = attribute(model, picture, 3, method, superpixels=10, **options)
    tolerance = 0.05 if method == "lime" else 1e-5  # LIME's penalty draws all of them towards 0
    assert_close(record.map, adds[:, 0][regions], tolerance)


def test_shapley_values_of_a_game_of_three_by_hand() -> None:
    # worth 6 with regions 0 and 1, 3 more with region 2: shares 3, 3, 3; every coalition is thrown often enough
    kept, weights = shapley_samples(4000, 3, torch.Generator().manual_seed(0))
    worth = 6.0 * (kept[:, 0] & kept[:, 1]) + 3.0 * kept[:, 2]
    shares = linear_fit(kept, worth, weights, ridge=0)
    assert_close(shares, torch.tensor([3.0, 3.0, 3.0], dtype=torch.float64), 0.05)
    assert abs(float(shares.sum()) - 9) < 1e-4  # forced by the two samples of weight a million


def test_samples_for_shapley_values_have_the_kernels_sizes() -> None:
    kept, weights = shapley_samples(4002, 5, torch.Generator().manual_seed(1))
    assert kept[0].all()
    assert not kept[1].any()
    assert weights[:2].tolist() == [1e6, 1e6]
    sizes = kept[2:].sum(1)
    expected = torch.tensor([1 / 4, 1 / 6, 1 / 6, 1 / 4])
    torch.testing.assert_close(sizes.bincount()[1:] / 4000, expected / expected.sum(), rtol=0, atol=0.03)
    torch.testing.assert_close(kept[2:].float().mean(0), torch.full((5,), 0.5), rtol=0, atol=0.03)
    assert (weights[2:] == 1).all()


@pytest.mark.parametrize("sample", [shapley_samples, lime_samples])
def test_a_picture_of_one_region_has_a_share_too(sample: Any) -> None:
    kept, weights = sample(50, 1, torch.Generator().manual_seed(0))
    shares = linear_fit(kept, 5.0 * kept[:, 0] + 1, weights, ridge=0)
    assert_close(shares, torch.tensor([5.0], dtype=torch.float64))


def test_fewer_samples_than_regions_give_the_smallest_of_the_best_fits() -> None:
    kept, weights = lime_samples(10, 40, torch.Generator().manual_seed(0))
    logits = torch.arange(10.0)
    shares = linear_fit(kept, logits, weights, ridge=0)
    centred = kept.double() - (weights[:, None] * kept).sum(0) / weights.sum()
    values = logits.double() - (weights * logits).sum() / weights.sum()
    root = weights.sqrt()[:, None]
    by_hand = np.linalg.lstsq((root * centred).numpy(), (root[:, 0] * values).numpy(), rcond=1e-8)[0]
    assert_close(shares, torch.from_numpy(by_hand))
