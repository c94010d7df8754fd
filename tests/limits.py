"""Where checks of maps can tell good from bad, measured: `python -m tests.limits --data cifar10-jpeg.tar.xz`.

Limits were set on one half of the photos, the calibration half, and are reported on both: for each network, half and
method, how far what a map keeps in a random network lies above chance, and how like it is to the maps of other classes,
from the least to the greatest photo (each the mean over its draws). With `--data` the photos are pictures of the test
split of a JPEG copy of CIFAR-10, else only the bundled ones; of a bundled photo the whole picture calibrates and a cut
of its middle is held out. `FAILS` are methods known to fail (Adebayo et al. 2018, Sixt et al. 2020).
"""

from __future__ import annotations

import argparse
import io
import tarfile
from collections.abc import Iterator

import pandas as pd
import torch
from PIL import Image

import resnet_core as rc
from resnet_core.checks.limits import ABOVE_CHANCE, COARSE, SAME_FOR_ANOTHER_CLASS
from resnet_core.pictures.samples import SAMPLES

FAILS = {"resnet20": ("guided_backprop",), "resnet18": ("guided_backprop", "deconvolution")}
PASSES = {
    "resnet20": ("saliency", "input_x_gradient", "integrated_gradients"),
    "resnet18": ("saliency", "input_x_gradient"),
}
COARSE_ONES = ("grad_cam",)
WEIGHTS = {"resnet20": "cifar10", "resnet18": "imagenette"}
SEED = 1000  # other draws than the tests'
EACH = 2  # pictures of each class of the data set, and half of them is held out
DRAWS = {"draws": 3, "classes": 9}

Photo = tuple[str, str, Image.Image]  # half, name, picture


def bundled() -> Iterator[Photo]:
    for name, sample in SAMPLES.items():
        photo = sample.load()
        width, height = photo.size
        yield "calibration", name, photo
        yield "held out", name, photo.crop((width // 4, height // 4, width * 3 // 4, height * 3 // 4))


def of_the_data_set(path: str) -> Iterator[Photo]:
    """The first pictures of each class in the test split, by turns for calibration and held out."""
    taken: dict[str, int] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            parts = member.name.split("/")
            if not member.isfile() or "test" not in parts or taken.get(parts[-2], 0) >= EACH:
                continue
            place = taken[parts[-2]] = taken.get(parts[-2], 0) + 1
            file = archive.extractfile(member)
            assert file is not None, "a file that is no file"
            half = "calibration" if place % 2 else "held out"
            yield half, "/".join(parts[-2:]), Image.open(io.BytesIO(file.read())).convert("RGB")


def measured(variant: str, photos: list[Photo]) -> pd.DataFrame:
    """One row a photo and method: half, method, above chance, other classes, neighbours."""
    model = rc.load(variant, WEIGHTS[variant], device="cpu")
    rows = []
    for half, name, photo in photos:
        batch = rc.preprocess(photo, model)
        for method in (*FAILS[variant], *PASSES[variant], *COARSE_ONES):
            record = rc.attribute(model, batch, method=method)
            found = rc.trust(model, batch, record, ("randomisation", "random_logit"), seed=SEED + len(rows), **DRAWS)
            kept, other = found.randomisation, found.random_logit
            if kept is None or other is None:
                continue  # a map without order
            rows.append(
                {
                    "network": variant,
                    "half": half,
                    "method": method,
                    "photo": name,
                    "above chance": kept.kept - kept.chance,
                    "other classes": other.others["rank_correlation"].mean(),
                    "neighbours": kept.neighbours,
                }
            )
    return pd.DataFrame(rows)


def ranges(found: pd.DataFrame) -> pd.DataFrame:
    """From the least to the greatest photo, of each network, half and method."""
    numbers = ["above chance", "other classes", "neighbours"]
    groups = found.groupby(["network", "half", "method"], sort=False)[numbers]
    low, high = groups.min(), groups.max()
    table = pd.DataFrame(
        {name: low[name].map("{:.2f}".format) + " to " + high[name].map("{:.2f}".format) for name in numbers}
    )
    return table.assign(photos=groups.size())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="a JPEG copy of CIFAR-10 (tar)")
    data = parser.parse_args().data
    torch.set_num_threads(1)
    photos = list(bundled())
    more = list(of_the_data_set(data)) if data else []
    found = pd.concat([measured("resnet20", photos + more), measured("resnet18", photos)])
    print(ranges(found).to_string())  # noqa: T201
    print(f"\nlimits: above chance {ABOVE_CHANCE}, other classes {SAME_FOR_ANOTHER_CLASS}, neighbours {COARSE}")  # noqa: T201


if __name__ == "__main__":
    main()
