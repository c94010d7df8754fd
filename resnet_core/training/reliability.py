"""Measure how often answers of a given probability are right, and fit a temperature, through the public interface.

    python -m resnet_core.training.reliability resnet18 imagenette --data imagenette224.tar --write

DATA is a folder or tar of `test/CLASS/*` or `val/CLASS/*`. With --write the result goes into the folder of the weights;
for those of this package `WEIGHTS[...].reliability` and the app read it from there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from resnet_core.errors import WeightsError
from resnet_core.nets.loading import load
from resnet_core.training.accuracy import labelled_logits
from resnet_core.variants import VARIANTS
from resnet_core.weights.bundled import PRETRAINED, file_name
from resnet_core.weights.calibration import calibrate, calibration_error, chance_error, reliability_table
from resnet_core.weights.calibration_files import calibration_path, write_calibration
from resnet_core.weights.files import Weights


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m resnet_core.training.reliability",
        description="Compare probabilities with how often they are right.",
    )
    parser.add_argument("net", choices=VARIANTS)
    parser.add_argument("weights", help="an id such as imagenette, or a file")
    parser.add_argument("--data", type=Path, required=True, help="folder or tar of test/CLASS/* or val/CLASS/*")
    parser.add_argument("--shortcut", choices=("A", "B", "C", "none"))
    parser.add_argument("--seed", type=int, default=0, help="of the halves: one fits the temperature, one tests it")
    parser.add_argument("--write", action="store_true", help="write the result next to the file of weights")
    options = parser.parse_args(arguments)
    model = load(options.net, options.weights, shortcut=options.shortcut)
    assert model.weights is not None
    path = _path(model.weights, options.weights) if options.write else None
    found = calibrate(*labelled_logits(model, options.data), seed=options.seed)
    said = [f"{model!r}: {found.pictures:,} pictures", reliability_table(found.bins).round(4).to_string(index=False)]
    said.append(f"ECE {calibration_error(found.bins):.4f} (by chance {chance_error(found.bins):.4f})")
    if found.temperature is not None:
        without, scaled = calibration_error(found.held_out), calibration_error(found.scaled)
        said.append(f"temperature {found.temperature:.4f}; ECE of the other half {without:.4f}, with it {scaled:.4f}")
    print("\n".join(said))  # noqa: T201  (what the command is for)
    if path is not None:
        twin = f" --shortcut {options.shortcut}" if options.shortcut else ""
        seed = f" --seed {options.seed}" if options.seed else ""
        told = f"{options.net} {Path(options.weights).name} --data {options.data.name}{twin}{seed}"
        write_calibration(calibration_path(path), found, f"python -m resnet_core.training.reliability {told}")


def _path(weights: Weights, asked: str) -> Path:
    """The file of the weights. Raises `WeightsError` for a download, whose folder is not ours."""
    if weights.source == "download":
        raise WeightsError(f"{asked} are downloaded: what is measured of them cannot be kept beside them.")
    return PRETRAINED / file_name(weights) if weights.source == "bundled" else Path(asked)


if __name__ == "__main__":
    main()
