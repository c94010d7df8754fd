"""The code for this: Python source that gives, as `table`, the numbers of a chart without the app around it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal

import resnet_core as rc
from app.selection import OWN_FILE, RANDOM, SAMPLE, Anatomy, Flow, Net, Part, Photo

What = Literal["layers", "blocks", "stages", "fields"]
IMPORTS = ("import ", "from ")

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
        return f"from app.samples import SAMPLES\nimage = SAMPLES[{_text(name)}].load()"
    return f"image = rc.open_image({_text(photo.title)})"


def net_lines(net: Net) -> str:
    """How to get `model`."""
    return f"model = {_network(net)}"


def describe_code(anatomy: Anatomy, what: What) -> str:
    """The numbers of a network, one row a layer, block, stage or field; options that are the variant's own stay out."""
    variant = rc.VARIANTS[anatomy.variant]
    options = [_text(anatomy.variant), str(anatomy.input_size)]
    if anatomy.shortcut != variant.shortcut:
        options.append(f"shortcut={_text(anatomy.shortcut)}")
    if anatomy.version != "v1.5":
        options.append(f"version={_text(anatomy.version)}")
    if anatomy.num_classes != variant.num_classes:
        options.append(f"num_classes={anatomy.num_classes}")
    return _program([f"network = rc.describe({', '.join(options)})", TABLES[what]])


def measures_code(nets: Sequence[Net], photo: Photo) -> str:
    """The numbers of every block of each network for one photo, with the network's name in the column `net`."""
    record = "record = rc.capture(model, rc.preprocess(image, model))"
    if len(nets) == 1:
        table = f"table = rc.measures(record).assign(net={_text(nets[0].label)})"
        return _program([photo_lines(photo), net_lines(nets[0]), record, table])
    models = "".join(f"    ({_text(net.label)}, {_network(net)}),\n" for net in nets)
    return _program(
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
    return _program([*_record_lines(net, photo), f"table = rc.channel_statistics({_maps(place, part)})"])


def channel_code(net: Net, photo: Photo, place: str, part: Part, channel: int) -> str:
    """The values of one channel, a row of the table for each row of the map."""
    values = f"table = pd.DataFrame({_maps(place, part)}[{channel}].cpu().numpy())"
    return _program([*_record_lines(net, photo), "import pandas as pd", values])


def block_code(net: Net, photo: Photo, place: str, parts: Sequence[Part], channel: int) -> str:
    """The values of one channel in several parts of a block, one row a pixel."""
    columns = "".join(f'    "{part}": block.{part}[0, {channel}].cpu().flatten(),\n' for part in parts)
    return _program(
        [
            *_record_lines(net, photo),
            f"block = record[{_text(place)}]",
            "import pandas as pd",
            "height, width = block.y.shape[2:]",
            f"values = {{\n{columns}}}",
            'index = pd.MultiIndex.from_product([range(height), range(width)], names=["row", "column"])',
            "table = pd.DataFrame(values, index=index).reset_index()",
        ]
    )


def flows_code(flows: Sequence[Flow]) -> str:
    """The gradients at every conv of each network, one after the other."""
    return _program([*_flow_lines(flows), "import pandas as pd", "table = pd.concat(tables, ignore_index=True)"])


def losses_code(flows: Sequence[Flow]) -> str:
    """The loss before each step of each network, and the one after the last."""
    return _program(
        [
            *_flow_lines(flows),
            "import pandas as pd",
            "table = pd.DataFrame([",
            "    (net, shortcut, seed, step, loss)",
            "    for (net, _, shortcut, seed), measured in zip(nets, tables)",
            '    for step, loss in enumerate(measured.attrs["losses"])',
            '], columns=["net", "shortcut", "seed", "step", "loss"])',
        ]
    )


def shattering_code(flows: Sequence[Flow]) -> str:
    """How alike the input gradients of each network are along a path."""
    first = flows[0]
    nets = "".join(f"    {(flow.title, flow.variant, flow.shortcut, flow.seed)!r},\n" for flow in flows)
    options = f"norm={_text(first.norm)}, init={_text(first.init)}"
    return _program(
        [
            _batch_lines(first),
            f"nets = [\n{nets}]",
            "tables = [",
            f"    rc.shattering(name, batch[:2], shortcut=shortcut, seed=seed, {options})",
            "    .assign(net=net, shortcut=shortcut)",
            "    for net, name, shortcut, seed in nets",
            "]",
            "import pandas as pd",
            "table = pd.concat(tables, ignore_index=True)",
        ]
    )


def _flow_lines(flows: Sequence[Flow]) -> list[str]:
    """How to get `tables`, one for each of the networks, which differ in variant, shortcut and seed alone."""
    first = flows[0]
    nets = "".join(f"    {(flow.title, flow.variant, flow.shortcut, flow.seed)!r},\n" for flow in flows)
    options = f"norm={_text(first.norm)}, init={_text(first.init)}, steps={first.steps}"
    return [
        _batch_lines(first),
        f"nets = [\n{nets}]",
        "tables = [",
        f"    rc.gradient_flow(name, batch, labels, shortcut=shortcut, seed=seed, {options})",
        "    .assign(net=net, variant=name, shortcut=shortcut, seed=seed)",
        "    for net, name, shortcut, seed in nets",
        "]",
    ]


def _batch_lines(flow: Flow) -> str:
    """How to get `batch` and `labels`."""
    family = _text(rc.VARIANTS[flow.variant].family)
    if flow.photo is not None:
        image = photo_lines(flow.photo)
        return f"from app.batches import crops_of\n{image}\nbatch, labels = crops_of([image], {family})"
    maker = "noise" if flow.source == "noise" else "sample_crops"
    return f"from app.batches import {maker}\nbatch, labels = {maker}({family})"


def _record_lines(net: Net, photo: Photo) -> list[str]:
    return [photo_lines(photo), net_lines(net), "record = rc.capture(model, rc.preprocess(image, model))"]


def _maps(place: str, part: Part) -> str:
    return "record.stem[0]" if place == "stem" else f"record[{_text(place)}].{part}[0]"


def _network(net: Net) -> str:
    """The call that gives the network in eval mode."""
    if net.weights == RANDOM:
        return f"rc.build({_text(net.variant)}, seed=0).eval()"
    return f"rc.load({_text(net.variant)}, {_text(net.file_name if net.weights == OWN_FILE else net.weights)})"


def _text(value: str) -> str:
    """A Python string literal, also for a file name with quotes or line breaks in it."""
    return json.dumps(value, ensure_ascii=False)


def _program(parts: Iterable[str]) -> str:
    """The parts as one program, with the imports first."""
    lines = [line for part in parts for line in part.split("\n")]  # a name may hold other line ends
    needed = sorted({"import resnet_core as rc", *(line for line in lines if line.startswith(IMPORTS))}, key=_library)
    return "\n".join([*needed, "", *(line for line in lines if not line.startswith(IMPORTS))])


def _library(line: str) -> tuple[bool, bool, str]:
    """Sorts other people's packages before ours, and whole packages before parts."""
    return not line.startswith("import pandas"), line.startswith("from "), line
