"""`python -m resnet_core.weights fetch`: ImageNet weights into torch's cache before class, with progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from resnet_core.errors import ResNetCoreError
from resnet_core.progress import Progress
from resnet_core.weights.catalogue import WEIGHTS, is_cached
from resnet_core.weights.downloads import cached_path, fetch
from resnet_core.weights.files import Weights

MIB = 2**20


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch what is not here yet; the first that cannot be had ends the command with a sentence."""
    parser = argparse.ArgumentParser(prog="python -m resnet_core.weights")
    parser.add_argument("what", choices=("fetch",), help="download torchvision's ImageNet weights")
    nets = dict.fromkeys(weights.variant for weights in WEIGHTS.values() if weights.url is not None)
    parser.add_argument("nets", nargs="*", metavar="NET", help=f"of {', '.join(nets)}; all by default")
    parser.add_argument("--id", default="imagenet", choices=("imagenet", "imagenet-v2"), help="default: %(default)s")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.nets if (name, options.id) not in WEIGHTS]:
        parser.error(f"there are no {options.id} weights of {', '.join(unknown)}")
    try:
        for name in options.nets or nets:
            if (name, options.id) in WEIGHTS:
                _fetch(WEIGHTS[name, options.id])
    except ResNetCoreError as error:
        sys.exit(str(error))


def _fetch(weights: Weights) -> None:
    assert weights.url is not None
    path = cached_path(weights.url)
    if is_cached(weights):
        _say(f"{weights.variant}: is here already, {path}\n")
        return
    fetch(weights, path, _bar(weights.variant))
    _say(f"\r{weights.variant}: {path}\n")


def _bar(name: str) -> Progress:
    """Progress in one line of the terminal."""
    return lambda done, total: _say(f"\r{name}: {done // MIB} of {total // MIB} MB")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
