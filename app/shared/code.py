"""The code for this: Python source that gives, as `table`, the numbers of a chart without the app around it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import resnet_core as rc
from app.engine.selection import OWN_FILE, RANDOM, SAMPLE, Net, Photo

IMPORTS = ("import ", "from ")
JOINED = ("import pandas as pd", "table = pd.concat(tables, ignore_index=True)")


def photo_lines(photo: Photo) -> str:
    """How to get `image`."""
    if photo.is_sample:
        name = photo.digest.removeprefix(SAMPLE)
        return f"from resnet_core.pictures.samples import SAMPLES\nimage = SAMPLES[{quoted(name)}].load()"
    return f"image = rc.open_image({quoted(photo.title)})"


def net_lines(net: Net) -> str:
    """How to get `model`."""
    return f"model = {network_call(net)}"


def options_text(variant: str, how: rc.Build) -> list[str]:
    """The options that differ from the variant's own, as keyword arguments."""
    return [f"{option}={literal(value)}" for option, value in how.unlike(variant).items()]


def network_call(net: Net) -> str:
    """The call that gives the network in eval mode."""
    if net.weights == RANDOM:
        options = [quoted(net.variant), *(options_text(net.variant, net.built) if net.built else []), "seed=0"]
        return f"rc.build({', '.join(options)}).eval()"
    return f"rc.load({quoted(net.variant)}, {quoted(net.file_name if net.weights == OWN_FILE else net.weights)})"


def literal(value: object) -> str:
    """A value of an option as Python writes it."""
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(value: str) -> str:
    """A Python string literal, also for a file name with quotes or line breaks in it."""
    return json.dumps(value, ensure_ascii=False)


def program(parts: Iterable[str]) -> str:
    """The parts as one program, with the imports first."""
    lines = [line for part in parts for line in part.split("\n")]  # names may contain other line ends
    needed = sorted({"import resnet_core as rc", *(line for line in lines if line.startswith(IMPORTS))}, key=_library)
    return "\n".join([*needed, "", *(line for line in lines if not line.startswith(IMPORTS))])


def _library(line: str) -> tuple[bool, bool, str]:
    """The sort key of imports: other packages before ours, `import` before `from`."""
    return not line.startswith(("import pandas", "import torch")), line.startswith("from "), line
