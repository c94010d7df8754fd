"""Our own weights files: half-precision safetensors whose header says what the network is and where it came from."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from resnet_core.errors import WeightsError
from resnet_core.images import Transform
from resnet_core.variants import Shortcut, Version

Source = Literal["bundled", "download", "file"]


@dataclass(frozen=True)
class Weights:
    """A set of trained weights for one variant.

    `classes` are words in the order of the logits; empty where only the download knows them. `accuracy` is top-1 on the
    test pictures of `data` as a share, None if it was never measured. `bytes` is the size of the file. `recipe`, `epochs`
    and `commit` tell how our own nets were trained.
    """

    id: str
    variant: str
    shortcut: Shortcut
    version: Version
    classes: tuple[str, ...]
    transform: Transform
    source: Source
    data: str
    bytes: int = 0
    accuracy: float | None = None
    url: str | None = None
    recipe: str = ""
    epochs: int = 0
    commit: str = ""


def save_weights(path: Path, state: dict[str, torch.Tensor], weights: Weights) -> None:
    """Write `state` in half precision with `weights` in the header."""
    from safetensors.torch import save_file

    halves = {
        key: value.detach().cpu().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous()
        for key, value in state.items()
    }
    save_file(halves, path, metadata={"resnet_core": json.dumps(asdict(weights))})


def read_header(path: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file, read without its tensors. Raises `WeightsError`."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > 100_000_000:
                raise ValueError("header too long")
            header: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError, struct.error) as error:
        raise WeightsError(f"{path.name} is not a readable .safetensors file.") from error
    return header


def read_weights(path: Path, source: Source) -> Weights | None:
    """What the header of our own file says, None for a safetensors file of somebody else."""
    text = read_header(path).get("__metadata__", {}).get("resnet_core")
    if text is None:
        return None
    values = json.loads(text)
    transform = values.pop("transform")
    values["transform"] = Transform(**{k: tuple(v) if isinstance(v, list) else v for k, v in transform.items()})
    values["classes"] = tuple(values["classes"])
    return Weights(**{**values, "source": source, "bytes": path.stat().st_size})
