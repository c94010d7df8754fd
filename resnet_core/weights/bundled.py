"""The weights that travel with this package: which files are sound, and what to say of one that is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from resnet_core.errors import WeightsError
from resnet_core.weights.calibration_files import calibration_path, read_calibration
from resnet_core.weights.checkpoints import open_checkpoint
from resnet_core.weights.files import Weights, read_weights

PRETRAINED = Path(__file__).parent / "pretrained"


def bundled(folder: Path) -> dict[tuple[str, str], Weights]:
    """What the headers of `VARIANT-ID.safetensors` in `folder` say; a file that says nothing sound is left out."""
    found = {}
    for path in _files_in(folder):
        with suppress(WeightsError):
            weights = _told_by(path)
            found[weights.variant, weights.id] = weights
    return found


def left_out(folder: Path) -> dict[tuple[str, str], str]:
    """Why files of `folder` are not among its `bundled` ones: a sentence each, by variant and id."""
    reasons = {}
    for path in _files_in(folder):
        try:
            _told_by(path)
        except WeightsError as error:
            variant, _, weights_id = path.stem.partition("-")
            reasons[variant, weights_id] = _unusable(path.name, error)
    return reasons


def file_name(weights: Weights) -> str:
    """What the file of bundled weights is called."""
    return f"{weights.variant}-{weights.id}.safetensors"


@contextmanager
def blamed(weights: Weights | None) -> Iterator[None]:
    """Say of a file of `weights` that cannot be read that it is one of this package, and what helps.

    Files of other people, and memory that is full, keep their own words.
    """
    try:
        yield
    except WeightsError as error:
        if weights is None or weights.source != "bundled" or isinstance(error.__cause__, MemoryError):
            raise
        raise WeightsError(_unusable(file_name(weights), error)) from error


def _files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"), key=lambda path: path.stem)  # a net before its plain twin


def _told_by(path: Path) -> Weights:
    variant, _, weights_id = path.stem.partition("-")
    with open_checkpoint(path) as file:
        weights = read_weights(file, "bundled")
    if weights is None or weights.variant != variant:
        raise WeightsError("Its header does not describe the network that its name says.")
    calibration = read_calibration(calibration_path(path), weights.accuracy)
    return replace(weights, id=weights_id, calibration=calibration)


def _unusable(name: str, reason: WeightsError) -> str:
    return (
        f"{name}, a file of this package, cannot be used. {reason} Install the package again, or choose other weights."
    )
