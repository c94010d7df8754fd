"""The two residual blocks of the paper: y = relu(F(x) + shortcut(x)).  (He et al. 2015, sections 3.2 and 3.3)

Module names are torchvision's, so that its checkpoints load strictly. Nothing works in place and every activation is a
module of its own: tensors that a hook stores do not change later, and Captum's DeepLift can distinguish the
activations. Layers are made on the meta device, as shapes without memory; `build` gives them values.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from resnet_core.nets.options import Build
from resnet_core.variants import EXPANSION, BlockKind, Norm, Shortcut, Version


class ZeroPad(nn.Module):
    """Option A: every `stride`-th pixel, and zeros for the channels that are new. It has no parameters."""

    def __init__(self, stride: int, new_channels: int) -> None:
        super().__init__()
        self.stride = stride
        self.new_channels = new_channels

    def forward(self, x: Tensor) -> Tensor:
        before = self.new_channels // 2
        x = x[:, :, :: self.stride, :: self.stride]  # (N, C, H, W) -> (N, C, H/s, W/s)
        return functional.pad(x, (0, 0, 0, 0, before, self.new_channels - before))  # -> (N, C + new, H/s, W/s)

    def extra_repr(self) -> str:
        return f"stride={self.stride}, new_channels={self.new_channels}"


class NoShortcut(nn.Module):
    """The plain twin: no shortcut past F(x)."""


class Conv2d(nn.Conv2d):
    """A conv without initial values: `build` draws them, or they come from a checkpoint; none are drawn twice."""

    def reset_parameters(self) -> None:
        """Do nothing."""


def conv(channels_in: int, channels_out: int, kernel: int, stride: int, norm: Norm) -> Conv2d:
    """A conv that keeps the size at stride 1; it has a bias only without batch norm."""
    bias = norm == "none"
    return Conv2d(channels_in, channels_out, kernel, stride, padding=kernel // 2, bias=bias, device="meta")


def norm_layer(channels: int, norm: Norm) -> nn.Module:
    """Batch norm after every conv, before the activation (section 3.4), or nothing."""
    return nn.BatchNorm2d(channels, device="meta") if norm == "batch" else nn.Identity()


def make_shortcut(channels_in: int, channels_out: int, stride: int, option: Shortcut, norm: Norm) -> nn.Module:
    """The shortcut of one block (section 3.3): identity, zero padding (A), or a 1x1 projection (B; C everywhere)."""
    same_shape = stride == 1 and channels_in == channels_out
    if option == "none":
        return NoShortcut()
    if option == "C" or (option == "B" and not same_shape):
        return nn.Sequential(conv(channels_in, channels_out, 1, stride, norm), norm_layer(channels_out, norm))
    if same_shape:
        return nn.Identity()
    return ZeroPad(stride, channels_out - channels_in)


Term = Literal["residual", "shortcut", "output"]  # of y = relu(F(x) + shortcut(x))
TERMS: tuple[Term, ...] = ("residual", "shortcut", "output")


class HookPoint(NamedTuple):
    """Where a hook can read a tensor of a block: the input or the output of a module."""

    module: nn.Module
    at_input: bool


class Block(nn.Module):
    """y = relu(F(x) + shortcut(x)). Subclasses define F(x) as `residual`; the plain twin has no shortcut.

    A block says itself where its tensors can be read (`hook_points`), which layers compute F(x) (`main`), and which
    gamma makes it begin as its shortcut (`zero_init`).

    `downsample` (torchvision's name, also if the size stays) is the shortcut, `relu` the activation after the addition.
    """

    downsample: nn.Module
    relu: nn.ReLU

    def residual(self, x: Tensor) -> Tensor:
        """F(x): (N, C, H, W) -> (N, C', H/s, W/s)."""
        raise NotImplementedError(f"{type(self).__name__} must define F(x)")

    def shortcut(self, x: Tensor) -> Tensor:
        """x itself, or x brought to the shape of F(x): (N, C, H, W) -> (N, C', H/s, W/s)."""
        return self.downsample(x)

    def forward(self, x: Tensor) -> Tensor:
        total = self.residual(x) if self.plain else self.residual(x) + self.shortcut(x)
        return self.relu(total)

    @property
    def plain(self) -> bool:
        """True for a block without a shortcut."""
        return isinstance(self.downsample, NoShortcut)

    @property
    def shortcut_kind(self) -> ShortcutKind:
        """The kind of shortcut of this block."""
        return next(kind for module_type, kind in SHORTCUT_KINDS if isinstance(self.downsample, module_type))

    @property
    def last_norm(self) -> nn.Module:
        """The module whose output is F(x)."""
        raise NotImplementedError(f"{type(self).__name__} must name the end of F(x)")

    @property
    def hook_points(self) -> dict[str, HookPoint]:
        """Where x, shortcut, residual, sum and y can be read, in forward order; a plain block has no shortcut."""
        carried = {} if self.plain else {"shortcut": HookPoint(self.downsample, at_input=False)}
        return {
            "x": HookPoint(self, at_input=True),
            **carried,
            "residual": HookPoint(self.last_norm, at_input=False),
            "sum": HookPoint(self.relu, at_input=True),
            "y": HookPoint(self, at_input=False),
        }

    @property
    def main(self) -> dict[str, nn.Module]:
        """The layers that compute F(x), by name and in forward order."""
        return {name: layer for name, layer in self.named_children() if layer not in (self.downsample, self.relu)}

    @property
    def layers(self) -> dict[Term, dict[str, nn.Module]]:
        """Its layers by name in forward order, by the term that they compute; the output's read the sum."""
        carried = {name: layer for name, layer in self.named_modules() if name.startswith("downsample")}
        return {"residual": self.main, "shortcut": carried, "output": {"relu": self.relu}}

    @property
    def convs(self) -> dict[str, nn.Conv2d]:
        """The convs among `main`."""
        return {name: layer for name, layer in self.main.items() if isinstance(layer, nn.Conv2d)}

    @property
    def zero_init(self) -> nn.Parameter | None:
        """The gamma that, if 0, makes the block begin as its shortcut (Goyal et al. 2017, section 5.1)."""
        return self.last_norm.weight if isinstance(self.last_norm, nn.BatchNorm2d) else None


class BasicBlock(Block):
    """F(x) = bn2(conv2(relu1(bn1(conv1(x))))), two 3x3 convs (Figure 5, left); the first has the stride."""

    def __init__(self, channels_in: int, width: int, stride: int, shortcut: nn.Module, norm: Norm) -> None:
        super().__init__()
        self.conv1 = conv(channels_in, width, 3, stride, norm)
        self.bn1 = norm_layer(width, norm)
        self.relu1 = nn.ReLU()
        self.conv2 = conv(width, width, 3, 1, norm)
        self.bn2 = norm_layer(width, norm)
        self.relu = nn.ReLU()
        self.downsample = shortcut

    def residual(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))  # (N, C, H, W) -> (N, width, H/s, W/s)
        return self.bn2(self.conv2(out))

    @property
    def last_norm(self) -> nn.Module:
        return self.bn2


class Bottleneck(Block):
    """F(x) = bn3(conv3(relu2(bn2(conv2(relu1(bn1(conv1(x)))))))): 1x1 narrows, 3x3 works, 1x1 widens (Figure 5, right).

    Version v1 (the paper) puts a stride on the first 1x1 conv, v1.5 (torchvision) on the 3x3, which then sees every
    pixel.
    """

    def __init__(
        self, channels_in: int, width: int, stride: int, shortcut: nn.Module, norm: Norm, version: Version
    ) -> None:
        super().__init__()
        stride1, stride2 = (stride, 1) if version == "v1" else (1, stride)
        channels_out = width * EXPANSION["bottleneck"]
        self.conv1 = conv(channels_in, width, 1, stride1, norm)
        self.bn1 = norm_layer(width, norm)
        self.relu1 = nn.ReLU()
        self.conv2 = conv(width, width, 3, stride2, norm)
        self.bn2 = norm_layer(width, norm)
        self.relu2 = nn.ReLU()
        self.conv3 = conv(width, channels_out, 1, 1, norm)
        self.bn3 = norm_layer(channels_out, norm)
        self.relu = nn.ReLU()
        self.downsample = shortcut

    def residual(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))  # (N, C, H, W) -> (N, width, ., .)
        out = self.relu2(self.bn2(self.conv2(out)))  # -> (N, width, H/s, W/s)
        return self.bn3(self.conv3(out))  # -> (N, 4 width, H/s, W/s)

    @property
    def last_norm(self) -> nn.Module:
        return self.bn3


ShortcutKind = Literal["identity", "projection", "zero-pad", "none"]
SHORTCUT_KINDS: tuple[tuple[type[nn.Module], ShortcutKind], ...] = (
    (nn.Identity, "identity"),
    (nn.Sequential, "projection"),
    (ZeroPad, "zero-pad"),
    (NoShortcut, "none"),
)


def make_block(kind: BlockKind, channels_in: int, width: int, stride: int, how: Build) -> Block:
    """One block that reads `channels_in` channels; its shortcut is made first, in torchvision's order."""
    assert how.shortcut is not None
    shortcut = make_shortcut(channels_in, width * EXPANSION[kind], stride, how.shortcut, how.norm)
    if kind == "basic":
        return BasicBlock(channels_in, width, stride, shortcut, how.norm)
    return Bottleneck(channels_in, width, stride, shortcut, how.norm, how.version)
