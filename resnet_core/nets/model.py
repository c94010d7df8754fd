"""A whole network: stem, stages of blocks, head.  (He et al. 2015, Table 1 and section 4.2)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError
from resnet_core.nets._initialise import allocate, initialise
from resnet_core.nets.blocks import Block, conv, make_block, norm_layer
from resnet_core.nets.options import Build, options_of
from resnet_core.variants import Norm, Shortcut, Variant, Version, variant_of

if TYPE_CHECKING:
    from resnet_core.progress import Progress
    from resnet_core.weights.files import Weights


class ResNet(nn.Module):
    """The network of one `Variant`, or its plain twin, on the meta device: `build` and `load` give it values.

    `how` says how it was built, with every option filled in, and `weights` which trained weights it has: None means
    random ones.
    """

    def __init__(self, variant: Variant, how: Build) -> None:
        super().__init__()
        self.variant = variant
        self.how = how = how.of(variant)
        self.weights: Weights | None = None
        stem = variant.stem
        self.conv1 = conv(3, stem.filters, stem.kernel, stem.stride, how.norm)
        self.bn1 = norm_layer(stem.filters, how.norm)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if stem.max_pool else nn.Identity()
        channels = stem.filters
        for index, (count, width) in enumerate(zip(variant.blocks, variant.widths, strict=True)):
            blocks = []
            for position in range(count):
                stride = 2 if index > 0 and position == 0 else 1
                blocks.append(make_block(variant.block, channels, width, stride, how))
                channels = width * variant.expansion
            self.add_module(f"layer{index + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        assert how.num_classes is not None  # `of` has filled it in
        self.fc = nn.Linear(channels, how.num_classes, device="meta")

    def stem(self, x: Tensor) -> Tensor:
        """Pixels to the first feature maps: (N, 3, H, W) -> (N, 64, H/4, W/4), or (N, 16, H, W) for CIFAR nets."""
        return self.maxpool(self.relu(self.bn1(self.conv1(x))))

    def head(self, x: Tensor) -> Tensor:
        """Global average pool and the linear classifier: (N, C, h, w) -> logits (N, classes)."""
        return self.fc(self.avgpool(x).flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in self.stages.values():
            x = stage(x)
        return self.head(x)

    @property
    def stages(self) -> dict[str, nn.Sequential]:
        """The stages by name, `layer1` to `layer4` (conv2_x to conv5_x in the paper) or `layer3`."""
        return {name: child for name, child in self.named_children() if isinstance(child, nn.Sequential)}

    def named_blocks(self) -> Iterator[tuple[str, Block]]:
        """Every block in forward order, by its name such as `layer3.0`."""
        for stage_name, stage in self.stages.items():
            for position, block in enumerate(stage):
                if isinstance(block, Block):
                    yield f"{stage_name}.{position}", block

    @property
    def shortcut_option(self) -> Shortcut:
        """The paper's option A, B or C, or "none"."""
        assert self.how.shortcut is not None  # `of` has filled it in
        return self.how.shortcut

    @property
    def version(self) -> Version:
        """The position of a bottleneck's stride: "v1" or "v1.5"."""
        return self.how.version

    @property
    def norm(self) -> Norm:
        """What follows each conv: "batch" norm or "none"."""
        return self.how.norm

    @property
    def title(self) -> str:
        """`ResNet-50`, or `plain-50` without shortcuts."""
        return self.variant.titled(self.shortcut_option)

    @property
    def num_classes(self) -> int:
        """The number of classes of the head."""
        return self.fc.out_features

    def __repr__(self) -> str:
        convs = sum(isinstance(module, nn.Conv2d) for module in self.modules())
        weights = self.weights.id if self.weights else "random weights"
        return f"{self.title} · {weights} · {convs} convs · {'train' if self.training else 'eval'}"


def build(
    name: str | Variant,
    how: Build | None = None,
    *,
    seed: int | None = None,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    **options: Any,
) -> ResNet:
    """A network with random weights, in train mode, built as `how` says; `options` are single fields of `Build`.

    The same `seed` gives the same weights on every device: exactly torchvision's for its own five networks. Only
    another kind of processor may round their last bit otherwise. Without a seed PyTorch's global generator is used.
    `device` may be "auto" (CUDA, then MPS, then CPU) or "meta" (shapes without memory). `progress` counts the layers
    that are drawn. Raises `ResNetCoreError` for anything outside these.
    """
    variant = variant_of(name)
    how = options_of(how, options).of(variant)
    target = resolve_device(device)
    model = ResNet(variant, how)
    if target.type == "meta":
        return model
    allocate(model)
    generator = torch.default_generator if seed is None else torch.Generator().manual_seed(seed)
    initialise(model, how.init, generator, zero_init_residual=how.zero_init_residual, progress=progress)
    return model.to(target)


def for_inference(model: ResNet, device: torch.device) -> ResNet:
    """`model` in eval mode on `device`, its conv weights in the memory order in which that device convolves fastest.

    Values and shapes stay; file formats that need contiguous tensors need `.contiguous()` first.
    """
    if device.type in ("cpu", "cuda"):
        model = model.to(memory_format=torch.channels_last)
    return model.to(device).eval()


def resolve_device(device: str | torch.device) -> torch.device:
    """The device meant by a name; "auto" is CUDA, else MPS, else the CPU. Raises `ResNetCoreError` if unusable."""
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        target = torch.device(device)
        if target.type not in ("cpu", "meta"):
            torch.empty(0, device=target)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ResNetCoreError(
            f"The device {str(device)!r} cannot be used on this machine; use 'auto', the best there is, or 'cpu'."
        ) from error
    return target
