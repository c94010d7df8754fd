"""Our own weights files: half-precision safetensors whose header describes the network and its training."""

from __future__ import annotations

import json
import math
import re
import struct
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, get_args

import pandas as pd
import torch

from resnet_core.errors import ResNetCoreError, WeightsError
from resnet_core.pictures.images import Transform
from resnet_core.variants import VARIANTS, Shortcut, Variant, Version
from resnet_core.weights.calibration import Calibration, reliability_table

Source = Literal["bundled", "download", "file"]
ChosenOn = Literal["", "test", "held out"]

MAX_HEADER = 10_000_000  # bytes; that of ResNet-1202, the longest network, has 0.7 million
MOST_LETTERS, MOST_RECIPE = 200, 5_000  # characters of a name or a sentence, and of the notes on the training
JOINS = dict.fromkeys((0x200C, 0x200D))  # invisible, but part of Persian and Indian words, and of emoji
PLAIN = "-plain"  # ends the id of a plain twin's weights
_EPOCH = re.compile(r"-epoch-\d+")  # in the id of weights from the middle of a run
MAX_INPUT = {"imagenet": 512, "cifar": 64}  # pixels; larger ones would fill the memory of a shared server


@dataclass(frozen=True)
class Weights:
    """A set of trained weights for one variant.

    `classes` are names in the order of the logits; empty if only the download has them. `accuracy` is top-1 on the test
    pictures of `data` as a share, None if it was never measured. `bytes` is the size of the file (of a
    download: to three digits). `recipe`, `epochs` and `commit` say how our own nets were trained, and `chosen_on` which
    pictures decided how long: test pictures, so that the accuracy is a little too high, or pictures held out of
    training; "" if unknown. `calibration` is what was measured of the probabilities, None without a measurement or if
    its file is damaged.
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
    chosen_on: ChosenOn = ""
    calibration: Calibration | None = None

    @property
    def reliability(self) -> pd.DataFrame | None:
        """How often first answers were right, one row per range of their probability; None if unknown.

        Columns: low, high (of the probability, up to `high` exclusive), count (of test pictures), confidence (mean
        probability), accuracy (share that was right), and accuracy_low and accuracy_high, its 95 % interval.
        """
        return None if self.calibration is None else reliability_table(self.calibration.bins)

    @property
    def temperature(self) -> float | None:
        """The divisor of the logits that calibrates probabilities (Guo et al. 2017, section 4.2); None if unknown."""
        return None if self.calibration is None else self.calibration.temperature

    @property
    def run(self) -> str:
        """The id of the weights at the end of the same training run: mostly their own."""
        return _EPOCH.sub("", self.id)

    @property
    def is_plain(self) -> bool:
        """True for a network without shortcuts."""
        return self.shortcut == "none"

    @property
    def is_final(self) -> bool:
        """False for weights from the middle of a run."""
        return self.id == self.run

    @property
    def command(self) -> str:
        """The training command, with DATA for the pictures; "" for weights that do not come with this package."""
        if self.source != "bundled":
            return ""
        twin = " --shortcut none" if self.is_plain else ""
        recipe = self.run.removesuffix(PLAIN)
        return f"python -m resnet_core.training {self.variant} --recipe {recipe}{twin} --data DATA --out OUT"


def save_weights(path: Path, state: dict[str, torch.Tensor], weights: Weights) -> None:
    """Write `state` in half precision with `weights` in the header; an existing file is replaced only at the end.

    Raises `WeightsError` if the disk fails, for example because it is full.
    """
    from safetensors.torch import save

    halves = {
        key: value.detach().cpu().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous()
        for key, value in state.items()
    }
    told = {name: value for name, value in asdict(weights).items() if name != "calibration"}  # lies beside the file
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(save(halves, metadata={"resnet_core": json.dumps(told)}))
        part.replace(path)
    except OSError as error:
        raise WeightsError(
            f"The weights cannot be kept in {path}: {error.strerror or error}. Make room there, or name another file."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def read_header(file: IO[bytes]) -> dict[str, Any]:
    """The JSON header of a safetensors file, read without its tensors. Raises `WeightsError`."""
    file.seek(0)
    try:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > MAX_HEADER:
            raise ValueError("header too long")
        header: dict[str, Any] = json.loads(file.read(length))
        if not isinstance(header, dict):
            raise ValueError("header is not a table")
    except (OSError, ValueError, struct.error, RecursionError) as error:
        raise WeightsError("The file is not a readable .safetensors file: its header is damaged.") from error
    return header


def read_weights(file: IO[bytes], source: Source) -> Weights | None:
    """The header of our own file, None for other safetensors files.

    Raises `WeightsError` for a header that is damaged or impossible: it may come from an upload.
    """
    notes = read_header(file).get("__metadata__", {})
    if not isinstance(notes, dict) or "resnet_core" not in notes:
        return None
    try:
        return _checked(json.loads(notes["resnet_core"]), source, size=file.seek(0, 2))
    except ResNetCoreError as error:
        reason = str(error).rstrip(".")
    except KeyError as error:
        reason = f"{error} is missing"
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        reason = "what it says is incomplete, or of other kinds than it should be"
    raise WeightsError(f"The file's header should describe weights of this package, but {reason}.")


def _checked(values: dict[str, Any], source: Source, size: int) -> Weights:
    wanted = values["transform"]
    transform = Transform(int(wanted["resize"]), int(wanted["crop"]), _rgb(wanted["mean"]), _rgb(wanted["std"]))
    accuracy = values.get("accuracy")
    weights = Weights(
        id=_words("id", values["id"]),
        variant=_words("variant", values["variant"]),
        shortcut=values["shortcut"],
        version=values["version"],
        classes=tuple(_words("a class", word) for word in values["classes"]),
        transform=transform,
        source=source,
        data=_words("data", values["data"]),
        bytes=size,
        accuracy=None if accuracy is None else float(accuracy),
        recipe=_words("recipe", values.get("recipe", ""), MOST_RECIPE),
        epochs=int(values.get("epochs", 0)),
        commit=_words("commit", values.get("commit", "")),
        chosen_on=values.get("chosen_on", "test" if values.get("commit") else ""),  # before any were held out: the test
    )
    for what, allowed in (
        ("shortcut", weights.shortcut in get_args(Shortcut)),
        ("version", weights.version in get_args(Version)),
        ("chosen_on", weights.chosen_on in get_args(ChosenOn)),
        ("accuracy", accuracy is None or 0 <= float(accuracy) <= 1),
        ("transform", _sensible(transform, VARIANTS.get(weights.variant))),
    ):
        if not allowed:
            raise ResNetCoreError(f"{what} is {_short(values[what])}")
    return weights


def _sensible(transform: Transform, variant: Variant | None) -> bool:
    """True if the transform gives pictures and values that are not too large for the family's networks."""
    largest = MAX_INPUT[variant.family] if variant else min(MAX_INPUT.values())
    return transform.resize <= largest and min(transform.std) >= 1e-3 and max(map(abs, transform.mean)) <= 10


def _words(what: str, value: object, most: int = MOST_LETTERS) -> str:
    """`value`, checked to be one line of text that a page can show."""
    if not isinstance(value, str) or len(value) > most or not value.translate(JOINS).isprintable():
        raise ResNetCoreError(f"{what} is {_short(value)}, but must be one line of at most {most} letters")
    return value


def _short(value: object) -> str:
    return ascii(value)[:MOST_LETTERS]


def _rgb(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    if not all(math.isfinite(value) for value in (red, green, blue)):
        raise ResNetCoreError("mean and std are not three finite numbers each")
    return red, green, blue
