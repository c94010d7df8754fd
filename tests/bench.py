"""How fast, as ratios against a reference measured in the same run: `python -m tests.bench`.

Ours and the reference take turns and each counts with its fastest run, so that other load hardly matters.
Needs the extra `dev` (torchinfo, torchlens). Prints the table of tests/README.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
import torchvision
from torch.nn import functional

import resnet_core as rc
from tests.bench_attributions import attributions, checks
from tests.bench_cancel import cancellations
from tests.bench_lesions import lesions
from tests.side_by_side import Row, fastest, pair, row

IMAGENET = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


def forwards(repeats: int) -> Iterator[Row]:
    batch = torch.randn(1, 3, 224, 224)
    for name in ("resnet18", "resnet50", "resnet152"):
        ours, theirs = pair(name)
        with torch.inference_mode():
            times = fastest(lambda ours=ours: ours(batch), lambda theirs=theirs: theirs(batch), repeats)
        yield row(f"forward of {name}", "torchvision, same weights", "at most 1.0x", *times)
        with torch.no_grad():
            times = fastest(lambda ours=ours: rc.capture(ours, batch), lambda theirs=theirs: theirs(batch), repeats)
        yield row(f"capture of {name}", "bare torchvision forward", "at most 1.10x", *times)


def descriptions(repeats: int) -> Iterator[Row]:
    """Ours needs no network; theirs is measured with those that are built already, and with building them."""
    import torchinfo

    built = [torchvision.models.get_model(name, weights=None) for name in IMAGENET]
    references: dict[str, Callable[[], list[torch.nn.Module]]] = {
        "torchinfo.summary, of networks that are there": lambda: built,
        "the same, building them first": lambda: [torchvision.models.get_model(n, weights=None) for n in IMAGENET],
    }
    times = [
        fastest(
            lambda: [rc.describe(name) for name in IMAGENET],
            lambda nets=nets: [torchinfo.summary(net, (1, 3, 224, 224), verbose=0) for net in nets()],
            repeats,
        )
        for nets in references.values()
    ]
    ours = min(mine for mine, _ in times)
    for against, (_, theirs) in zip(references, times, strict=True):
        yield row("describe, five variants", against, "at least 20x faster", ours, theirs, faster=True)


def lens(repeats: int) -> Iterator[Row]:
    import torchlens

    batch = torch.randn(1, 3, 224, 224)
    ours, theirs = pair("resnet18")
    log = getattr(torchlens, "trace", None) or torchlens.log_forward_pass
    times = fastest(lambda: rc.capture(ours, batch), lambda: log(theirs, batch), repeats)
    yield row("capture of resnet18", "torchlens, every operation", "at least 10x faster", *times, faster=True)


def imports(repeats: int) -> Iterator[Row]:
    def run(statement: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", statement], check=True)

    times = fastest(run("import resnet_core"), run("import torch, pandas"), max(3, repeats // 2))
    yield row("import resnet_core", "import torch, pandas", "at most 1.1x", *times)


def redraws(repeats: int) -> Iterator[Row]:
    from streamlit.testing.v1 import AppTest

    empty = AppTest.from_string("import streamlit as st\nst.title('empty')").run()
    main = str(Path(__file__).parent.parent / "app" / "explorer.py")

    def page(file: str, *widgets: tuple[str, tuple[object, ...]]) -> Callable[[], object]:
        app = AppTest.from_file(main, default_timeout=300).run()
        app.switch_page(file).run()
        turns = {key: itertools.cycle(values) for key, values in widgets}

        def redraw() -> None:
            for key, values in turns.items():
                app.selectbox(key).set_value(next(values))
            app.run()

        for _ in range(2):  # every block has been seen once
            redraw()
        return redraw

    blocks = ("block", ("layer3.0", "layer3.1"))
    for what, redraw in (
        ("redraw of Predict", page("predict/page.py")),
        ("another block in Feature maps", page("feature_maps/page.py", blocks)),
        ("another block in Architecture", page("architecture/page.py", blocks)),
    ):
        ours, reference = fastest(redraw, empty.run, repeats)
        more = f"{1000 * (ours - reference):.0f} ms more ({1000 * ours:.0f} / {1000 * reference:.0f} ms)"
        yield f"{what}, results cached", "an empty page's rerun, both on the server", "at most 300 ms more", more


def sheets(repeats: int) -> Iterator[Row]:
    from app.feature_maps.charts.sheets import paint_sheet

    ours, _ = pair("resnet18")
    batch = torch.randn(1, 3, 224, 224)
    maps = rc.capture(ours, batch)["layer4.1"].residual[0].numpy()

    def paint() -> object:
        return paint_sheet(maps, range(512), columns=16, signed=True, per_channel=False)

    with torch.no_grad():
        times = fastest(paint, lambda: ours(batch), repeats)
    yield row("a sheet of 512 channels", "forward of resnet18", "at most 20 ms", *times)


def noise(count: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures of noise and labels."""
    generator = torch.Generator().manual_seed(0)
    batch = torch.randn(count, 3, size, size, generator=generator)
    return batch, torch.randint(0, 10, (count,), generator=generator)


def forward_backward(model: torch.nn.Module, batch: torch.Tensor, labels: torch.Tensor) -> None:
    """One bare forward and backward pass, in the precision of the network."""
    model.zero_grad()
    functional.cross_entropy(model(batch.to(model.fc.weight.dtype)), labels).backward()


def gradients(repeats: int) -> Iterator[Row]:
    for name, count, size in (("resnet56", 32, 32), ("resnet56", 16, 32), ("resnet18", 16, 224)):
        batch, labels = noise(count, size)
        for precision, dtype in (("double", torch.float64), ("single", torch.float32)):
            bare = rc.build(name, seed=0, num_classes=10).to(dtype)
            times = fastest(
                lambda name=name, batch=batch, labels=labels, dtype=dtype: rc.gradient_flow(
                    name, batch, labels, dtype=dtype
                ),
                lambda bare=bare, batch=batch, labels=labels: forward_backward(bare, batch, labels),
                repeats if size < 224 else max(1, repeats // 3),
            )
            what = f"gradient flow of {name}, {count} pictures, {precision}"
            yield row(what, f"bare forward + backward, {precision}", "at most 1.15x", *times)


def sweeps(repeats: int) -> Iterator[Row]:
    batch, labels = noise(16, 32)
    names = ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110")
    bare = [
        rc.build(name, shortcut=shortcut, seed=0, num_classes=10).double()
        for name in names
        for shortcut in ("A", "none")
    ]
    times = fastest(
        lambda: rc.gradient_sweep(names, range(5), batch=batch, labels=labels),
        lambda: [forward_backward(model, batch, labels) for model in bare for _ in range(5)],
        max(1, repeats // 6),
    )
    what = f"gradient sweep, 5 depths x 2 x 5 seeds, {os.cpu_count() or 1} cores"
    yield row(what, "its bare passes, one after the other", "at most 1.1x", *times)


BENCHES = {
    bench.__name__: bench
    for bench in (
        forwards,
        descriptions,
        lens,
        attributions,
        checks,
        cancellations,
        imports,
        sheets,
        redraws,
        gradients,
        sweeps,
        lesions,
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"any of {', '.join(BENCHES)}; all if left out")
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # Captum and torchlens warn about what we ask of them on purpose
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} thread(s)\n")  # noqa: T201
    print("| what | against | goal | measured (ours / reference) |\n|---|---|---|---|")  # noqa: T201
    for name in options.benches or BENCHES:
        for entry in BENCHES[name](options.repeats):
            print(f"| {' | '.join(entry)} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
