"""One block of a described network in Keras 3, and the differences between Keras and PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import resnet_core as rc
from resnet_core.errors import one_of
from resnet_core.nets.blocks import TERMS

HEAD = """\
import keras
from keras import layers

# PyTorch's values; Keras' own are 0.99 and 1e-3
norm = {"momentum": 0.9, "epsilon": 1e-5}
"""
DIFFERENCES = (
    "`use_bias=False`: Keras gives every conv a bias by default. The batch norm after it cancels any constant.",
    'At stride 2 on a map of even size, a 3×3 conv with `padding="same"` pads 0 before and 1 after, so its windows '
    'sit one pixel off. PyTorch pads 1 on both sides: `ZeroPadding2D(1)`, then `padding="valid"`, Keras\' default.',
    "`BatchNormalization`: PyTorch's epsilon is 1e-5, Keras' 1e-3. PyTorch's momentum 0.1 is the share of the new "
    "value, Keras' 0.9 that of the old; Keras' default is 0.99.",
    "Keras puts channels last by default: (N, H, W, C) against (N, C, H, W), and the values of a conv as "
    "(k, k, in, out) against (out, in, k, k).",
    "Before training Keras draws Glorot uniform values, this network Kaiming normal ones (fan out), in Keras "
    '`VarianceScaling(2.0, "fan_out", "untruncated_normal")`.',
    "`keras.applications.ResNet50` is another network in the details: its convs have biases, its stride sits on the "
    "first 1×1 conv (v1), and its batch norms have epsilon 1.001e-5 and momentum 0.99.",
)
Layer = Mapping[Any, Any]  # one row of `Description.layers`


def _conv(layer: Layer) -> list[str]:
    """A conv, padded as PyTorch pads it."""
    kernel, stride = layer["kernel"], layer["stride"]
    has_bias = layer["params"] > kernel**2 * layer["input"][0] * layer["output"][0]
    before = ["layers.ZeroPadding2D(1)"] if kernel > 1 and stride > 1 else []
    arguments = [str(layer["output"][0]), str(kernel)]
    arguments += [f"strides={stride}"] if stride > 1 else []
    arguments += ['padding="same"'] if kernel > 1 and stride == 1 else []
    arguments += [] if has_bias else ["use_bias=False"]
    return [*before, f"layers.Conv2D({', '.join(arguments)}, name={_name(layer)})"]


def _name(layer: Layer) -> str:
    """Its name in our `state_dict`, without the block's and without dots, which Keras does not allow with PyTorch."""
    return f'"{layer["name"].removeprefix(layer["block"] + ".").replace(".", "_")}"'


LAYERS: dict[str, Callable[[Layer], list[str]]] = {
    "conv": _conv,
    "batch norm": lambda it: [f"layers.BatchNormalization(**norm, name={_name(it)})"],
    "ReLU": lambda it: [f"layers.ReLU(name={_name(it)})"],
}


def keras_code(description: rc.Description, block_name: str) -> str:
    """A program that makes one block of a network as the Keras model `block`, (N, H, W, C) -> (N, H', W', C').

    Its layers have their names in our `state_dict`, such as conv1 and downsample_0. Raises `ResNetCoreError` for a
    name that no block has.
    """
    rows = description.blocks[description.blocks["name"] == block_name]
    if rows.empty:
        raise one_of("The block", block_name, description.blocks["name"])
    row = rows.iloc[0].to_dict()
    layers = description.layers[description.layers["block"] == block_name].to_dict("records")
    residual, shortcut, output = ([layer for layer in layers if layer["term"] == term] for term in TERMS)
    channels, height, width = row["input"]
    lines = [HEAD, f"x = keras.Input(({height}, {width}, {channels}))", "", "# F(x)"]
    lines += _chain("residual", [call for layer in residual for call in LAYERS[layer["kind"]](layer)])
    total = "residual"
    if row["shortcut_kind"] != "none":
        lines += ["", "# shortcut(x)", *_shortcut(shortcut)]
        lines += ["", "total = layers.Add()([residual, shortcut])"]
        total = "total"
    lines += _chain("y", [call for layer in output for call in LAYERS[layer["kind"]](layer)], total)
    lines.append(f'block = keras.Model(x, y, name="{block_name}")')
    return "\n".join(lines) + "\n"


def _chain(name: str, calls: list[str], first: str = "x") -> list[str]:
    """One line a layer, of which the first reads `first`."""
    return [f"{name} = {call}({name if number else first})" for number, call in enumerate(calls)]


def _shortcut(layers: Sequence[Layer]) -> list[str]:
    """Identity, zero padding (option A) or projection (options B and C)."""
    if not layers:
        return ["shortcut = x"]
    first = layers[0]
    if first["kind"] != "zero pad":
        return _chain("shortcut", [call for layer in layers for call in LAYERS[layer["kind"]](layer)])
    new = first["output"][0] - first["input"][0]
    pixels = f"[:, ::{first['stride']}, ::{first['stride']}]" if first["stride"] > 1 else ""
    channels = f"({new // 2}, {new - new // 2})"
    return [f"shortcut = keras.ops.pad(x{pixels}, ((0, 0), (0, 0), (0, 0), {channels}))"]
