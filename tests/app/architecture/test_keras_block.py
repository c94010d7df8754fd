"""The Keras code of a block, executed with our weights against our own block, and each difference that it names.

These tests need Keras, which runs on PyTorch here and downloads nothing.
"""

import inspect
import os
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import resnet_core as rc
from app.architecture.charts.keras_block import DIFFERENCES, keras_code
from resnet_core.errors import ResNetCoreError
from resnet_core.nets._initialise import allocate, initialise
from resnet_core.nets.blocks import Block

SIZES = {"resnet18": 32, "resnet20": 8, "resnet50": 32}
# (variant, shortcut, version, block), so that both kinds of block meet every shortcut, stride and version
BLOCKS = [
    ("resnet18", "B", "v1.5", "layer1.0", "identity", 1),
    ("resnet18", "B", "v1.5", "layer2.0", "projection", 2),
    ("resnet18", "C", "v1", "layer1.1", "projection", 1),
    ("resnet18", "B", "v1", "layer2.0", "projection", 2),
    ("resnet20", "A", "v1.5", "layer2.0", "zero-pad", 2),
    ("resnet20", "none", "v1.5", "layer1.0", "none", 1),
    ("resnet20", "none", "v1.5", "layer3.0", "none", 2),
    ("resnet50", "B", "v1.5", "layer1.0", "projection", 1),
    ("resnet50", "B", "v1.5", "layer1.1", "identity", 1),
    ("resnet50", "B", "v1", "layer2.0", "projection", 2),
    ("resnet50", "B", "v1.5", "layer2.0", "projection", 2),
    ("resnet50", "A", "v1.5", "layer1.0", "zero-pad", 1),
    ("resnet50", "A", "v1", "layer2.0", "zero-pad", 2),
    ("resnet50", "A", "v1.5", "layer2.0", "zero-pad", 2),
    ("resnet50", "none", "v1", "layer2.0", "none", 2),
    ("resnet50", "none", "v1.5", "layer2.0", "none", 2),
]


@pytest.fixture(scope="module")
def keras() -> ModuleType:
    os.environ["KERAS_BACKEND"] = "torch"
    return pytest.importorskip("keras", reason="keras is in the test extra: pip install -e '.[test]'")


def our_block(variant: str, shortcut: str, version: str, name: str, norm: str = "batch") -> Block:
    """A block with random weights and random batch-norm statistics, in eval mode."""
    model = rc.build(variant, shortcut=shortcut, version=version, norm=norm, device="meta")
    block = dict(model.named_blocks())[name].eval()
    generator = torch.Generator().manual_seed(1)
    allocate(block)
    initialise(block, "kaiming", generator)
    for layer in block.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values in (layer.weight.data, layer.bias.data, layer.running_mean):
                values.normal_(generator=generator)
            layer.running_var.uniform_(0.5, 2, generator=generator)
    return block


def executed(code: str) -> Any:
    names: dict[str, Any] = {}
    exec(code, names)
    return names["block"]


def copy_weights(block: Block, model: Any) -> None:
    """Give the Keras model the values of our block, layer by layer under the same names."""
    for name, layer in block.named_modules():
        if isinstance(layer, nn.Conv2d):
            bias = [] if layer.bias is None else [layer.bias]
            values = [layer.weight.permute(2, 3, 1, 0), *bias]
        elif isinstance(layer, nn.BatchNorm2d):
            values = [layer.weight, layer.bias, layer.running_mean, layer.running_var]
        else:
            continue
        model.get_layer(name.replace(".", "_")).set_weights([value.detach().numpy() for value in values])


def outputs(block: Block, code: str) -> tuple[np.ndarray, np.ndarray]:
    """What our block and the Keras code make of the same x and the same weights, both (N, C, H, W)."""
    model = executed(code)
    copy_weights(block, model)
    _, height, width, channels = model.input_shape
    x = torch.randn(2, channels, height, width, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        theirs = model(x.permute(0, 2, 3, 1), training=False)  # Keras on PyTorch takes and gives tensors
        return block(x).numpy(), theirs.permute(0, 3, 1, 2).cpu().numpy()


@pytest.mark.parametrize(("variant", "shortcut", "version", "name", "kind", "stride"), BLOCKS)
def test_the_keras_code_computes_what_our_block_does(
    keras: ModuleType, variant: str, shortcut: str, version: str, name: str, kind: str, stride: int
) -> None:
    block = our_block(variant, shortcut, version, name)
    described = rc.describe(variant, SIZES[variant], shortcut=shortcut, version=version)
    ours, theirs = outputs(block, keras_code(described, name))
    row = described.blocks.set_index("name").loc[name]
    assert block.shortcut_kind == kind
    assert row["input"][1] == stride * row["output"][1]
    assert ours.shape[1:] == row["output"]
    assert ours.std() > 0.1
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


def test_a_map_of_odd_size(keras: ModuleType) -> None:
    described = rc.describe("resnet20", 9, shortcut="A")
    ours, theirs = outputs(our_block("resnet20", "A", "v1.5", "layer2.0"), keras_code(described, "layer2.0"))
    assert ours.shape == (2, 32, 5, 5)
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


def test_without_batch_norm_the_convs_have_a_bias(keras: ModuleType) -> None:
    block = our_block("resnet20", "B", "v1.5", "layer2.0", norm="none")
    code = keras_code(rc.describe("resnet20", 8, shortcut="B", norm="none"), "layer2.0")
    assert "BatchNormalization" not in code
    for layer in block.modules():
        if isinstance(layer, nn.Conv2d):
            layer.bias.data.uniform_(0.5, 1)
    ours, theirs = outputs(block, code)
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("size", "same"), [(8, False), (9, True)])
def test_same_padding_at_stride_2_differs_on_even_sizes(keras: ModuleType, size: int, same: bool) -> None:
    code = keras_code(rc.describe("resnet20", size, shortcut="A"), "layer2.0")
    padded = "residual = layers.ZeroPadding2D(1)(x)\nresidual = layers.Conv2D(32, 3, strides=2, "
    assert padded in code
    code = code.replace(padded, 'residual = layers.Conv2D(32, 3, strides=2, padding="same", ')
    code = code.replace('name="conv1")(residual)', 'name="conv1")(x)')
    ours, theirs = outputs(our_block("resnet20", "A", "v1.5", "layer2.0"), code)
    assert ours.shape == theirs.shape
    assert np.allclose(theirs, ours, atol=1e-4) is same
    assert "At stride 2 on a map of even size" in DIFFERENCES[1]


def test_same_padding_at_stride_2_starts_at_the_first_pixel(keras: ModuleType) -> None:
    x = torch.zeros(1, 4, 4, 1)
    x[0, 0, 0] = 1
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1)
    met = {}
    for padding, before in (("same", []), ("valid", [keras.layers.ZeroPadding2D(1)])):
        conv = keras.layers.Conv2D(1, 3, strides=2, padding=padding, use_bias=False)
        model = keras.Sequential([keras.Input((4, 4, 1)), *before, conv])
        conv.set_weights([kernel])
        met[padding] = model(x)[0, 0, 0, 0].item()
    assert met == {"same": 0, "valid": 4}  # the corner pixel meets the kernel's first value, or its middle


def test_the_defaults_of_keras_are_what_we_say(keras: ModuleType) -> None:
    conv = inspect.signature(keras.layers.Conv2D).parameters
    norm = inspect.signature(keras.layers.BatchNormalization).parameters
    assert (conv["use_bias"].default, conv["padding"].default) == (True, "valid")
    assert conv["kernel_initializer"].default == "glorot_uniform"
    assert (norm["epsilon"].default, norm["momentum"].default) == (1e-3, 0.99)
    assert keras.config.image_data_format() == "channels_last"
    assert all(value in DIFFERENCES[2] for value in ("1e-5, Keras' 1e-3", "default is 0.99"))


def test_the_batch_norm_of_the_code_is_ours(keras: ModuleType) -> None:
    block = our_block("resnet18", "B", "v1.5", "layer2.0")
    model = executed(keras_code(rc.describe("resnet18", 32), "layer2.0"))
    copy_weights(block, model)
    theirs = [model.get_layer(name) for name in ("bn1", "bn2", "downsample_1")]
    ours = [layer for layer in block.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert [layer.epsilon for layer in theirs] == [layer.eps for layer in ours]
    assert [layer.momentum for layer in theirs] == pytest.approx([1 - layer.momentum for layer in ours])


def test_the_initial_values_are_ours(keras: ModuleType) -> None:
    code = 'keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")'
    assert code.removeprefix("keras.initializers.") in DIFFERENCES[4]
    shape = (3, 3, 16, 64)
    theirs = eval(code, {"keras": keras})(shape)
    ours = nn.init.kaiming_normal_(torch.empty(64, 16, 3, 3), mode="fan_out", nonlinearity="relu")
    assert float(theirs.std()) == pytest.approx(float(ours.std()), rel=0.05)
    assert float(ours.std()) == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.05)


def test_keras_own_resnet50_differs_as_we_say(keras: ModuleType) -> None:
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(32, 32, 3))
    convs = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(convs) == 53
    assert all(layer.use_bias for layer in convs)
    assert {(layer.epsilon, layer.momentum) for layer in norms} == {(1.001e-5, 0.99)}
    strides = [model.get_layer(f"conv3_block1_{number}_conv").strides[0] for number in (1, 2, 3)]
    assert strides == [2, 1, 1]
    assert DIFFERENCES[5].endswith(
        "its convs have biases, its stride sits on the first 1×1 conv (v1), "
        "and its batch norms have epsilon 1.001e-5 and momentum 0.99."
    )


def test_the_code_of_a_bottleneck_word_for_word() -> None:
    code = keras_code(rc.describe("resnet50", 224), "layer2.0")
    assert code.endswith(
        """
x = keras.Input((56, 56, 256))

# F(x)
residual = layers.Conv2D(128, 1, use_bias=False, name="conv1")(x)
residual = layers.BatchNormalization(**norm, name="bn1")(residual)
residual = layers.ReLU(name="relu1")(residual)
residual = layers.ZeroPadding2D(1)(residual)
residual = layers.Conv2D(128, 3, strides=2, use_bias=False, name="conv2")(residual)
residual = layers.BatchNormalization(**norm, name="bn2")(residual)
residual = layers.ReLU(name="relu2")(residual)
residual = layers.Conv2D(512, 1, use_bias=False, name="conv3")(residual)
residual = layers.BatchNormalization(**norm, name="bn3")(residual)

# shortcut(x)
shortcut = layers.Conv2D(512, 1, strides=2, use_bias=False, name="downsample_0")(x)
shortcut = layers.BatchNormalization(**norm, name="downsample_1")(shortcut)

total = layers.Add()([residual, shortcut])
y = layers.ReLU(name="relu")(total)
block = keras.Model(x, y, name="layer2.0")
"""
    )


def test_a_place_that_is_no_block_is_refused() -> None:
    with pytest.raises(ResNetCoreError, match=r"The block is 'stem', but must be one of 'layer1\.0'"):
        keras_code(rc.describe("resnet18"), "stem")
