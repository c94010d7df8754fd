"""The code for this: Python source that gives, as `table`, the numbers of a chart without the app around it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Literal

import resnet_core as rc
from app.engine.selection import OWN_FILE, RANDOM, SAMPLE, Anatomy, Build, Flow, Net, Part, Photo

What = Literal["layers", "blocks", "stages", "fields"]
IMPORTS = ("import ", "from ")
JOINED = ("import pandas as pd", "table = pd.concat(tables, ignore_index=True)")

# from `network`, a description, to the numbers of each chart and table
TABLES: dict[What, str] = {
    "layers": "table = network.layers",
    "blocks": "table = network.blocks",
    "stages": """\
table = network.stages[["name", "paper_name", "blocks", "params", "macs"]]
table = table.assign(params_share=table["params"] / network.params, macs_share=table["macs"] / network.macs)""",
    "fields": """\
import pandas as pd
stem = network.stages[network.stages["name"] == "stem"]
table = pd.concat([stem, network.blocks], ignore_index=True)[["name", "receptive_field", "jump"]]""",
}


def photo_lines(photo: Photo) -> str:
    """How to get `image`."""
    if photo.is_sample:
        name = photo.digest.removeprefix(SAMPLE)
        return f"from resnet_core.pictures.samples import SAMPLES\nimage = SAMPLES[{quoted(name)}].load()"
    return f"image = rc.open_image({quoted(photo.title)})"


def net_lines(net: Net) -> str:
    """How to get `model`."""
    return f"model = {network_call(net)}"


def describe_code(anatomy: Anatomy, what: What) -> str:
    """The numbers of a network, one row a layer, block, stage or field; options that are the variant's own stay out."""
    how = Build(anatomy.shortcut, anatomy.version, "batch", anatomy.num_classes)
    options = [quoted(anatomy.variant), str(anatomy.input_size), *_own_options(anatomy.variant, how)]
    return program([f"network = rc.describe({', '.join(options)})", TABLES[what]])


def _own_options(name: str, how: Build) -> list[str]:
    """The options that are not the variant's own, as keywords."""
    usual = asdict(Build.usual(name))
    return [f"{option}={json.dumps(value)}" for option, value in asdict(how).items() if value != usual[option]]


def measures_code(nets: Sequence[Net], photo: Photo) -> str:
    """The numbers of every block of each network for one photo, with the network's name in the column `net`."""
    record = "record = rc.capture(model, rc.preprocess(image, model))"
    if len(nets) == 1:
        table = f"table = rc.measures(record).assign(net={quoted(nets[0].label)})"
        return program([photo_lines(photo), net_lines(nets[0]), record, table])
    models = "".join(f"    ({quoted(net.label)}, {network_call(net)}),\n" for net in nets)
    return program(
        [
            photo_lines(photo),
            f"nets = [\n{models}]",
            "tables = []",
            "for name, model in nets:",
            f"    {record}",
            "    tables.append(rc.measures(record).assign(net=name))",
            "import pandas as pd\ntable = pd.concat(tables, ignore_index=True)",
        ]
    )


def channels_code(net: Net, photo: Photo, place: str, part: Part) -> str:
    """The numbers of every channel of the stem's output, or of a part of a block, for one photo."""
    return program([*_record_lines(net, photo), f"table = rc.channel_statistics({_maps(place, part)})"])


def channel_code(net: Net, photo: Photo, place: str, part: Part, channel: int) -> str:
    """The values of one channel, a row of the table for each row of the map."""
    values = f"table = pd.DataFrame({_maps(place, part)}[{channel}].numpy())"
    return program([*_record_lines(net, photo), "import pandas as pd", values])


def block_code(net: Net, photo: Photo, place: str, parts: Sequence[Part], channel: int) -> str:
    """The values of one channel in several parts of a block, one row a pixel."""
    columns = "".join(f'    "{part}": block.{part}[0, {channel}].flatten(),\n' for part in parts)
    return program(
        [
            *_record_lines(net, photo),
            f"block = record[{quoted(place)}]",
            "import pandas as pd",
            "height, width = block.y.shape[2:]",
            f"values = {{\n{columns}}}",
            'index = pd.MultiIndex.from_product([range(height), range(width)], names=["row", "column"])',
            "table = pd.DataFrame(values, index=index).reset_index()",
        ]
    )


def reliability_code(weights: rc.Weights, *, scaled: bool) -> str:
    """How often answers of a probability were right: of all test pictures, or under the temperature of the others."""
    known = f"rc.WEIGHTS[{quoted(weights.variant)}, {quoted(weights.id)}]"
    if not scaled:
        return program([f"table = {known}.reliability"])
    table = "from resnet_core.weights.calibration import reliability_table"
    return program([table, f"table = reliability_table({known}.calibration.scaled)"])


def flows_code(flows: Sequence[Flow]) -> str:
    """The gradients at every conv of each network, one after the other."""
    return program([*_flow_lines(flows), *JOINED])


def ends_code(flows: Sequence[Flow], column: str) -> str:
    """A column's value at the first conv of each network over that at the last."""
    ends = f"from app.gradients.words import end_ratios\ntable = end_ratios(table, {quoted(column)})"
    return program([*_flow_lines(flows), *JOINED, ends])


def losses_code(flows: Sequence[Flow]) -> str:
    """The loss before each step of each network, and the one after the last."""
    return program(
        [
            *_flow_lines(flows),
            "import pandas as pd",
            "table = pd.DataFrame([",
            "    (net, shortcut, seed, step, loss)",
            "    for (net, _, shortcut, seed, *_), measured in zip(nets, tables)",
            '    for step, loss in enumerate(measured.attrs["losses"])',
            '], columns=["net", "shortcut", "seed", "step", "loss"])',
        ]
    )


def shattering_code(flows: Sequence[Flow]) -> str:
    """How alike the input gradients of each network are along a path."""
    nets, names, options = _made_as([replace(flow, double=False) for flow in flows])
    return program(
        [
            _batch_lines(flows[0]),
            *nets,
            "tables = [",
            f"    rc.shattering(name, batch[:2], {options})",
            "    .assign(net=net, shortcut=shortcut, seed=seed)",
            f"    for {names} in nets",
            "]",
            *JOINED,
        ]
    )


def _flow_lines(flows: Sequence[Flow]) -> list[str]:
    """How to get `tables`, one for each of the networks."""
    nets, names, options = _made_as(flows)
    return [
        _batch_lines(flows[0]),
        *nets,
        "tables = [",
        f"    rc.gradient_flow(name, batch, labels, steps={flows[0].steps}, {options})",
        "    .assign(net=net, variant=name, shortcut=shortcut, seed=seed)",
        f"    for {names} in nets",
        "]",
    ]


def _made_as(flows: Sequence[Flow]) -> tuple[list[str], str, str]:
    """The lines of `nets`, what its rows hold, and the options that make each network.

    The networks differ in variant, shortcut, seed and weights alone; a plain one has nothing to be zero-initialised.
    """
    first = flows[0]
    trained = first.weights != RANDOM
    rows = [(f.title, f.variant, f.shortcut, f.seed, *([f.weights] if trained else [])) for f in flows]
    names = ["net", "name", "shortcut", "seed", *(["weights"] if trained else [])]
    options = [f"shortcut=shortcut, seed=seed, norm={quoted(first.norm)}, init={quoted(first.init)}"]
    if trained:
        options = ["weights=rc.load(name, weights)"]
    if any(flow.zero_init for flow in flows):
        options.append('zero_init_residual=shortcut != "none"')
    if not first.double:
        options.append("dtype=torch.float32")
    nets = "".join(f"    {row!r},\n" for row in rows)
    return [*([] if first.double else ["import torch"]), f"nets = [\n{nets}]"], ", ".join(names), ", ".join(options)


def _batch_lines(flow: Flow) -> str:
    """How to get `batch` and `labels`."""
    family = quoted(rc.VARIANTS[flow.variant].family)
    if flow.photo is not None:
        image = photo_lines(flow.photo)
        return (
            f"from resnet_core.gradients.batches import crops_of\n{image}\nbatch, labels = crops_of([image], {family})"
        )
    maker = "noise" if flow.source == "noise" else "sample_crops"
    return f"from resnet_core.gradients.batches import {maker}\nbatch, labels = {maker}({family})"


def _record_lines(net: Net, photo: Photo) -> list[str]:
    return [photo_lines(photo), net_lines(net), "record = rc.capture(model, rc.preprocess(image, model))"]


def _maps(place: str, part: Part) -> str:
    return "record.stem[0]" if place == "stem" else f"record[{quoted(place)}].{part}[0]"


def network_call(net: Net) -> str:
    """The call that gives the network in eval mode."""
    if net.weights == RANDOM:
        options = [quoted(net.variant), *(_own_options(net.variant, net.built) if net.built else []), "seed=0"]
        return f"rc.build({', '.join(options)}).eval()"
    return f"rc.load({quoted(net.variant)}, {quoted(net.file_name if net.weights == OWN_FILE else net.weights)})"


def quoted(value: str) -> str:
    """A Python string literal, also for a file name with quotes or line breaks in it."""
    return json.dumps(value, ensure_ascii=False)


def program(parts: Iterable[str]) -> str:
    """The parts as one program, with the imports first."""
    lines = [line for part in parts for line in part.split("\n")]  # a name may hold other line ends
    needed = sorted({"import resnet_core as rc", *(line for line in lines if line.startswith(IMPORTS))}, key=_library)
    return "\n".join([*needed, "", *(line for line in lines if not line.startswith(IMPORTS))])


def _library(line: str) -> tuple[bool, bool, str]:
    """Sorts other people's packages before ours, and whole packages before parts."""
    return not line.startswith(("import pandas", "import torch")), line.startswith("from "), line
