"""The blocks by hand and against torchvision's."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet

from resnet_core.nets._initialise import allocate, initialise
from resnet_core.nets.blocks import BasicBlock, Block, Bottleneck, NoShortcut, ZeroPad, make_block
from resnet_core.nets.options import Build


def filled(block: Block, seed: int = 0) -> Block:
    """A block with random weights and random batch-norm statistics, in eval mode."""
    allocate(block)
    generator = torch.Generator().manual_seed(seed)
    initialise(block, "kaiming", generator)
    for layer in block.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(generator=generator)
            layer.running_var.uniform_(0.5, 2, generator=generator)
    return block.eval()


@pytest.mark.parametrize(
    ("kind", "channels_in", "width", "stride"),
    [
        ("basic", 8, 8, 1),
        ("basic", 8, 16, 2),
        ("bottleneck", 32, 8, 1),
        ("bottleneck", 8, 8, 1),
        ("bottleneck", 32, 16, 2),
    ],
)
def test_a_block_computes_what_torchvisions_does(kind: str, channels_in: int, width: int, stride: int) -> None:
    ours = filled(make_block(kind, channels_in, width, stride, Build("B")))
    theirs_type = resnet.BasicBlock if kind == "basic" else resnet.Bottleneck
    channels_out = width * theirs_type.expansion
    downsample = None
    if stride != 1 or channels_in != channels_out:
        downsample = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 1, stride, bias=False), nn.BatchNorm2d(channels_out)
        )
    theirs = theirs_type(channels_in, width, stride, downsample).eval()
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x = torch.randn(2, channels_in, 9, 9, generator=torch.Generator().manual_seed(1))
    assert torch.equal(ours(x), theirs(x))


def test_zero_pad_by_hand() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4)
    y = ZeroPad(stride=2, new_channels=3)(x)
    assert y.shape == (1, 4, 2, 2)
    assert y[0, 1].tolist() == [[0.0, 2.0], [8.0, 10.0]]  # one new channel before, two behind
    assert y[0, [0, 2, 3]].abs().sum() == 0


@pytest.mark.parametrize("size", [1, 4, 5])
def test_every_shortcut_has_the_shape_of_the_residual(size: int) -> None:
    for option in ("A", "B", "C"):
        block = filled(make_block("basic", 4, 8, 2, Build(option)))
        x = torch.randn(1, 4, size, size)
        assert block.shortcut(x).shape == block.residual(x).shape


@pytest.mark.parametrize(
    ("option", "stride", "kind"),
    [
        ("A", 1, "identity"),
        ("A", 2, "zero-pad"),
        ("B", 1, "identity"),
        ("B", 2, "projection"),
        ("C", 1, "projection"),
        ("C", 2, "projection"),
        ("none", 1, "none"),
        ("none", 2, "none"),
    ],
)
def test_shortcut_kinds_are_the_papers_options(option: str, stride: int, kind: str) -> None:
    block = make_block("basic", 8, 8 * stride, stride, Build(option))
    assert block.shortcut_kind == kind


def test_the_first_bottleneck_projects_although_its_stride_is_1() -> None:
    assert make_block("bottleneck", 64, 64, 1, Build("B")).shortcut_kind == "projection"


def test_version_moves_the_stride_of_a_bottleneck() -> None:
    for version, strides in (("v1", (2, 1, 1)), ("v1.5", (1, 2, 1))):
        block = make_block("bottleneck", 64, 32, 2, Build("B", version))
        assert isinstance(block, Bottleneck)
        assert (block.conv1.stride[0], block.conv2.stride[0], block.conv3.stride[0]) == strides


def test_a_plain_block_is_relu_of_the_residual_alone() -> None:
    block = filled(make_block("basic", 4, 4, 1, Build("none")))
    x = torch.randn(1, 4, 6, 6)
    assert isinstance(block.downsample, NoShortcut)
    assert torch.equal(block(x), block.residual(x).relu())


def test_nothing_works_in_place_and_no_relu_is_used_twice() -> None:
    for kind in ("basic", "bottleneck"):
        block = filled(make_block(kind, 16, 16, 1, Build("B")))
        uses = {name: 0 for name, module in block.named_modules() if isinstance(module, nn.ReLU)}
        for name, module in block.named_modules():
            if isinstance(module, nn.ReLU):
                assert not module.inplace
                module.register_forward_hook(lambda *_, name=name, uses=uses: uses.update({name: uses[name] + 1}))
        x = torch.randn(1, 16, 5, 5)
        before = x.clone()
        block(x)
        assert torch.equal(x, before)
        assert set(uses.values()) == {1}
        assert len(uses) == (2 if isinstance(block, BasicBlock) else 3)


def test_without_norm_the_convs_have_a_bias() -> None:
    block = make_block("basic", 4, 8, 2, Build("B", norm="none"))
    convs = [module for module in block.modules() if isinstance(module, nn.Conv2d)]
    assert all(conv.bias is not None for conv in convs)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in block.modules())
