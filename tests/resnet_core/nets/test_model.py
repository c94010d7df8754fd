"""Whole networks against torchvision's and the paper."""

import pytest
import torch
import torchvision
from torch import nn

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import build, resolve_device
from resnet_core.variants import VARIANTS

IMAGENET = [name for name, variant in VARIANTS.items() if variant.family == "imagenet"]


@pytest.mark.parametrize("name", IMAGENET)
def test_the_same_seed_gives_exactly_torchvisions_network(name: str) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(7)
        theirs = torchvision.models.get_model(name, weights=None).eval()
    ours = build(name, seed=7).eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for key, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value), key
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-5)


def test_zero_init_residual_is_torchvisions_too() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        theirs = torchvision.models.resnet50(zero_init_residual=True)
    ours = build("resnet50", seed=1, zero_init_residual=True)
    assert all(torch.equal(value, ours.state_dict()[key]) for key, value in theirs.state_dict().items())
    assert all(not block.bn3.weight.any() for _, block in ours.named_blocks())


def test_without_a_seed_the_global_generator_decides() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        unseeded = build("resnet20")
    assert torch.equal(unseeded.conv1.weight, build("resnet20", seed=5).conv1.weight)


def test_a_seed_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    build("resnet20", seed=5)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "shortcut", "params"),
    [
        ("resnet18", "B", 11_689_512),
        ("resnet34", "B", 21_797_672),
        ("resnet50", "B", 25_557_032),
        ("resnet101", "B", 44_549_160),
        ("resnet152", "B", 60_192_808),
        ("resnet18", "none", 11_515_688),
        ("resnet18", "A", 11_515_688),
        ("resnet34", "none", 21_623_848),
        ("resnet34", "C", 22_716_840),
        ("resnet20", "A", 269_722),
        ("resnet32", "A", 464_154),
        ("resnet44", "A", 658_586),
        ("resnet56", "A", 853_018),
        ("resnet110", "A", 1_727_962),
        ("resnet1202", "A", 19_421_274),
        ("resnet20", "none", 269_722),
        ("resnet20", "B", 272_474),
        ("resnet56", "B", 855_770),
        ("resnet110", "B", 1_730_714),
        ("resnet1202", "B", 19_424_026),
    ],
)
def test_parameters_to_the_unit(name: str, shortcut: str, params: int) -> None:
    model = build(name, shortcut=shortcut, device="meta")
    assert sum(parameter.numel() for parameter in model.parameters()) == params


@pytest.mark.parametrize("name", VARIANTS)
def test_the_main_path_has_as_many_weighted_layers_as_the_name_says(name: str) -> None:
    model = build(name, shortcut="C", device="meta")
    main = [
        key
        for key, module in model.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear) and ".downsample." not in key
    ]
    assert len(main) == model.variant.depth


@pytest.mark.parametrize("name", VARIANTS)
def test_projections_are_counted_right(name: str) -> None:
    for option in ("A", "B", "C", "none"):
        model = build(name, shortcut=option, device="meta")
        kinds = [block.shortcut_kind for _, block in model.named_blocks()]
        assert kinds.count("projection") == model.variant.projections(option)


def test_every_parameter_gets_a_gradient() -> None:
    for options in ({}, {"shortcut": "none"}, {"shortcut": "C"}, {"norm": "none"}):
        model = build("resnet20", seed=0, **options)
        x = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
        grads = torch.autograd.grad(model(x).square().sum(), list(model.parameters()))
        for (name, _), grad in zip(model.named_parameters(), grads, strict=True):
            assert grad.any(), f"{name} of {options}"


def test_normal_init_has_the_small_spread() -> None:
    weight = build("resnet18", seed=0, init="normal").layer4[0].conv1.weight
    assert weight.std().item() == pytest.approx(0.01, rel=0.01)


def test_kaiming_init_has_the_fan_out_spread() -> None:
    weight = build("resnet18", seed=0).layer4[0].conv1.weight  # 512 filters of 3x3
    assert weight.std().item() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.01)


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("resnet18", {}, "ResNet-18 · random weights · 20 convs · train"),
        ("resnet50", {}, "ResNet-50 · random weights · 53 convs · train"),
        ("resnet20", {"shortcut": "none"}, "plain-20 · random weights · 19 convs · train"),
    ],
)
def test_repr_says_identity_and_state(name: str, options: dict[str, str], text: str) -> None:
    model = build(name, device="meta", **options)
    assert repr(model) == text
    assert repr(model.eval()) == text.replace("train", "eval")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shortcut": "D"}, r"shortcut is 'D', but must be one of 'A', 'B', 'C', 'none'"),
        ({"version": "v2"}, r"version is 'v2', but must be one of 'v1', 'v1.5'"),
        ({"norm": "layer"}, r"norm is 'layer', but must be one of 'batch', 'none'"),
        ({"init": "zeros"}, r"init is 'zeros', but must be one of 'kaiming', 'normal'"),
        ({"num_classes": 0}, r"num_classes is 0, but a network needs at least 1"),
        ({"device": "abacus"}, r"device 'abacus' cannot be used on this machine"),
        ({"zero_init_residual": True, "norm": "none"}, r"needs norm='batch' and a shortcut"),
        ({"zero_init_residual": True, "shortcut": "none"}, r"needs norm='batch' and a shortcut"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        build("resnet20", **options)


def test_auto_is_the_best_device_there_is() -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    assert resolve_device("auto").type == next(device for device, usable in there.items() if usable)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_the_same_seed_gives_the_same_weights_on_a_gpu() -> None:
    on_gpu = build("resnet18", seed=3, device="cuda").state_dict()
    for key, value in build("resnet18", seed=3).state_dict().items():
        assert torch.equal(on_gpu[key].cpu(), value)


def test_drawing_the_weights_reports_every_layer_twice_and_can_be_cancelled() -> None:
    calls: list[tuple[int, int]] = []
    model = build("resnet20", seed=0, progress=lambda done, total: calls.append((done, total)))
    layers = sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.modules())
    total = 2 * layers
    assert calls == [(done, total) for done in range(1, total)]  # but for the head, which is drawn once

    class Stop(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        build("resnet20", progress=stop)
