"""The weights that come with this package: which files are intact, and what to say of one that is not."""

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
    """What the headers of `VARIANT-ID.safetensors` in `folder` say; damaged files are left out."""
    found = {}
    for path in _files_in(folder):
        with suppress(WeightsError):
            weights = _read(path)
            found[weights.variant, weights.id] = weights
    return found


def damaged(folder: Path) -> dict[tuple[str, str], str]:
    """The damaged files of `folder`, each with a sentence that says why, by variant and id."""
    reasons = {}
    for path in _files_in(folder):
        try:
            _read(path)
        except WeightsError as error:
            variant, _, weights_id = path.stem.partition("-")
            reasons[variant, weights_id] = _unusable(path.name, error)
    return reasons


def file_name(weights: Weights) -> str:
    """The name of the file of bundled weights."""
    return f"{weights.variant}-{weights.id}.safetensors"


@contextmanager
def naming_bundled_file(weights: Weights | None) -> Iterator[None]:
    """If the file of `weights` belongs to this package and cannot be read, say so in the error, and what helps.

    Errors of other files, and too little memory, pass unchanged.
    """
    try:
        yield
    except WeightsError as error:
        if weights is None or weights.source != "bundled" or isinstance(error.__cause__, MemoryError):
            raise
        raise WeightsError(_unusable(file_name(weights), error)) from error


def _files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"), key=lambda path: path.stem)  # a net before its plain twin


def _read(path: Path) -> Weights:
    variant, _, weights_id = path.stem.partition("-")
    with open_checkpoint(path) as file:
        weights = read_weights(file, "bundled")
    if weights is None or weights.variant != variant:
        raise WeightsError("Its header does not describe the network that its name stands for.")
    calibration = read_calibration(calibration_path(path), weights.accuracy)
    return replace(weights, id=weights_id, calibration=calibration)


def _unusable(name: str, reason: WeightsError) -> str:
    return (
        f"{name}, a file of this package, cannot be used. {reason} Install the package again, or choose other weights."
    )
