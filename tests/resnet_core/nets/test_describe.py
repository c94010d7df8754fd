"""Counts against the paper and facts known to the unit; shapes against real forward passes."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.description import describe
from resnet_core.nets.layers import _Flow, walk
from resnet_core.nets.model import build
from resnet_core.variants import VARIANTS


@pytest.mark.parametrize(
    ("name", "version", "macs"),
    [
        ("resnet18", "v1.5", 1_814_073_344),
        ("resnet18", "v1", 1_814_073_344),
        ("resnet34", "v1.5", 3_663_761_408),
        ("resnet50", "v1.5", 4_089_184_256),
        ("resnet50", "v1", 3_857_973_248),
        ("resnet101", "v1.5", 7_801_405_440),
        ("resnet101", "v1", 7_570_194_432),
        ("resnet152", "v1.5", 11_513_626_624),
        ("resnet152", "v1", 11_282_415_616),
        ("resnet20", "v1.5", 40_551_040),
        ("resnet32", "v1.5", 68_862_592),
        ("resnet44", "v1.5", 97_174_144),
        ("resnet56", "v1.5", 125_485_696),
        ("resnet110", "v1.5", 252_887_680),
        ("resnet1202", "v1.5", 2_829_238_912),
    ],
)
def test_macs_to_the_unit(name: str, version: str, macs: int) -> None:
    assert describe(name, version=version).macs == macs


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"])
def test_macs_round_to_table_1(name: str) -> None:
    paper = VARIANTS[name].paper_flops
    assert describe(name, version="v1").macs == pytest.approx(paper, rel=0.02)


@pytest.mark.parametrize(
    ("name", "version", "fields"),
    [
        ("resnet18", "v1.5", [43, 99, 211, 435]),
        ("resnet34", "v1.5", [59, 179, 547, 899]),
        ("resnet50", "v1.5", [35, 91, 267, 427]),
        ("resnet50", "v1", [35, 99, 291, 483]),
        ("resnet101", "v1.5", [35, 91, 811, 971]),
        ("resnet152", "v1.5", [35, 155, 1291, 1451]),
    ],
)
def test_receptive_fields_to_the_pixel(name: str, version: str, fields: list[int]) -> None:
    stages = describe(name, version=version).stages.set_index("name")
    assert [stages.loc[f"layer{index}", "receptive_field"] for index in range(1, 5)] == fields


def test_the_receptive_field_is_what_a_gradient_reaches() -> None:
    """With all-ones weights no path cancels: exactly the pixels inside the field get a gradient."""
    model = build("resnet20", norm="none", seed=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1e-2 if parameter.ndim > 1 else 0)
    x = torch.ones(1, 3, 61, 61, dtype=torch.float64, requires_grad=True)
    out = model.double().stages["layer1"](model.stem(x))
    (grad,) = torch.autograd.grad(out[0, 0, 30, 30], x)
    touched = grad[0, 0].abs().sum(0).nonzero()
    field = describe("resnet20").stages.set_index("name").loc["layer1", "receptive_field"]
    assert int(touched.max() - touched.min()) + 1 == field == 15


@pytest.mark.parametrize("name", VARIANTS)
def test_every_layer_before_the_pool_is_centred_on_pixel_0(name: str) -> None:
    d = describe(name)
    assert (d.blocks["start"] == 0).all()
    assert (d.layers[~d.layers["name"].isin(["avgpool", "fc"])]["start"] == 0).all()


@pytest.mark.parametrize("size", [1, 32, 97, 224])
@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet20"])
def test_the_average_pool_sees_the_whole_picture(name: str, size: int) -> None:
    head = describe(name, size).stages.set_index("name").loc["head"]
    reach = (head["receptive_field"] - 1) / 2
    assert head["start"] - reach <= 0
    assert head["start"] + reach >= size - 1


def test_the_start_is_the_middle_of_what_a_gradient_reaches_under_any_padding() -> None:
    model = build("resnet20", shortcut="none", norm="none", seed=0).double()
    for layer, padding in ((model.conv1, 0), (model.layer1[2].conv2, 2), (model.layer2[0].conv1, 0)):
        layer.padding = (padding, padding)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1e-1 if parameter.ndim > 1 else 0)
    last = [layer for layer in walk(model, 61) if layer.block == "layer2.0"][-1]
    x = torch.ones(1, 3, 61, 61, dtype=torch.float64, requires_grad=True)
    out = model.layer2[0](model.layer1(model.stem(x)))
    assert last.output == out.shape[1:]
    (grad,) = torch.autograd.grad(out[0, 0, 14, 14], x)
    touched = grad[0, 0].sum(0).nonzero()
    assert last.start == 1
    assert float(touched.min() + touched.max()) / 2 == last.start + 14 * last.jump
    assert int(touched.max() - touched.min()) + 1 == last.receptive_field


def test_a_sum_sees_what_either_of_its_two_sees() -> None:
    left = _Flow((1, 8, 8), receptive_field=3, jump=2, start=-1)  # pixels -2 to 0
    right = _Flow((1, 8, 8), receptive_field=4, jump=2, start=1.5)  # 0 to 3
    assert left.plus(right) == right.plus(left) == _Flow((1, 8, 8), receptive_field=6, jump=2, start=0.5)
    inner = _Flow((1, 8, 8), receptive_field=1, jump=2, start=1)
    assert right.plus(inner) == right


@pytest.mark.parametrize(
    ("name", "options", "size"),
    [
        ("resnet18", {}, 224),
        ("resnet50", {"version": "v1"}, 97),
        ("resnet50", {"shortcut": "C"}, 33),
        ("resnet34", {"shortcut": "A"}, 64),
        ("resnet20", {}, 32),
        ("resnet20", {"shortcut": "none"}, 31),
        ("resnet20", {"norm": "none", "shortcut": "B"}, 8),
        ("resnet18", {}, 1),
    ],
)
def test_every_shape_is_that_of_a_real_forward_pass(name: str, options: dict[str, str], size: int) -> None:
    model = build(name, seed=0, **options).eval()
    seen: list[tuple[str, tuple[int, ...]]] = []
    for key, module in model.named_modules():
        if not isinstance(module, nn.Sequential | nn.Identity) and not list(module.children()):
            module.register_forward_hook(
                lambda _m, _i, output, key=key: seen.append((key, tuple(output.flatten(1).shape[1:])))
            )
    with torch.no_grad():
        model(torch.zeros(1, 3, size, size))
    layers = describe(name, size, **options).layers
    described = [(row["name"], (torch.Size(row["output"]).numel(),)) for _, row in layers.iterrows()]
    assert described == seen


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet20"])
def test_macs_agree_with_pytorchs_own_counter(name: str) -> None:
    model = build(name, device="meta").eval()
    size = model.variant.input_size
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.empty(1, 3, size, size, device="meta"))
    assert describe(name).macs == counter.get_total_flops() // 2


def test_resnet50_by_stage() -> None:
    stages = describe("resnet50").stages.set_index("name")
    assert stages["params"].to_dict() == {
        "stem": 9_536,
        "layer1": 215_808,
        "layer2": 1_219_584,
        "layer3": 7_098_368,
        "layer4": 14_964_736,
        "head": 2_049_000,
    }
    assert list(stages["output"]) == [(64, 56, 56), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7), (1000,)]
    assert list(stages["paper_name"]) == ["conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "head"]
    assert [round(macs / 1e6) for macs in stages["macs"][1:5]] == [668, 1028, 1464, 809]


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet110"])
def test_layers_blocks_and_stages_add_up(name: str) -> None:
    d = describe(name)
    assert d.layers["params"].sum() == d.stages["params"].sum() == d.params
    assert d.layers["macs"].sum() == d.stages["macs"].sum() == d.macs
    inside = d.stages[~d.stages["name"].isin(["stem", "head"])]
    assert d.blocks["params"].sum() == inside["params"].sum()
    assert d.blocks["macs"].sum() == inside["macs"].sum()
    assert len(d.blocks) == sum(VARIANTS[name].blocks)


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ResNetCoreError, match="input size is 0 pixels, but it must be at least 1"):
        describe("resnet18", 0)
