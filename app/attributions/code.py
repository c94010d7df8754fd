"""The code for this, on the Attributions page: programs that give the numbers of maps, checks and edits as `table`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import resnet_core as rc
from app.engine.selection import Subject
from app.shared.code import JOINED, literal, net_lines, photo_lines, program, quoted
from resnet_core.attribution.methods.method import Options

Asked = Sequence[tuple[str, Options]]  # methods with their options


def map_code(subject: Subject, method: str, options: Options) -> str:
    """The values of one map, a row of the table for each row of the picture."""
    return program(
        [
            *_start(subject),
            f"record = {_call(subject, method, options)}",
            "import pandas as pd",
            "table = pd.DataFrame(record.map[0].numpy())",
        ]
    )


def agreement_code(subject: Subject, asked: Asked) -> str:
    """The rank correlation of every two maps, with the method in the first column."""
    table = 'table = rc.agreement(records).rename_axis("method").reset_index()'
    return program([*_start(subject), _records(subject, asked), table])


def cascade_code(subject: Subject, method: str, options: Options) -> str:
    """How similar the map still is after each part of the network was made random."""
    return program(
        [
            *_start(subject),
            f"record = {_call(subject, method, options)}",
            'table = rc.trust(model, batch, record, ("randomisation",)).randomisation.table',
        ]
    )


def curves_code(subject: Subject, asked: Asked) -> str:
    """The probability as pixels are taken away and put in, by each map and by random ones."""
    return program(
        [
            *_start(subject),
            _records(subject, asked),
            "tables = [",
            '    rc.trust(model, batch, record, ("deletion",)).deletion.table.assign(method=title)',
            "    for title, record in records.items()",
            "]",
            *JOINED,
        ]
    )


def superpixels_code(subject: Subject, count: int, gone: Collection[int], fill: rc.Fill) -> str:
    """Every class before and after some superpixels are taken away."""
    return program(
        [
            *_start(subject),
            "from resnet_core.inside.answers import transform_of",
            "import torch",
            f"cut = rc.superpixels(transform_of(model).restore(batch), {count})",
            f"gone = torch.isin(cut, torch.tensor({sorted(gone)}).to(cut))",
            _effect(fill),
        ]
    )


def rectangle_code(subject: Subject, edges: Mapping[str, float], fill: rc.Fill) -> str:
    """Every class before and after a rectangle is taken away."""
    named = ", ".join(f"{name}={value:g}" for name, value in edges.items())
    return program(
        [
            *_start(subject),
            "from resnet_core.pictures.masks import rectangle",
            "import torch",
            "height, width = batch.shape[2:]",
            f"gone = torch.from_numpy(rectangle(height, width, {named}))[None]",
            _effect(fill),
        ]
    )


def pixels_code(subject: Subject, method: str, options: Options, share: float, fill: rc.Fill) -> str:
    """Every class before and after the pixels that a map ranks first are taken away."""
    return program(
        [
            *_start(subject),
            f"record = {_call(subject, method, options)}",
            "import torch",
            "from resnet_core.pictures.masks import first_pixels",
            f"gone = torch.from_numpy(first_pixels(record.map[0].numpy(), {share:g}))[None]",
            _effect(fill),
        ]
    )


def _start(subject: Subject) -> list[str]:
    """How to get `model` and `batch`."""
    return [photo_lines(subject.photo), net_lines(subject.net), "batch = rc.preprocess(image, model)"]


def _records(subject: Subject, asked: Asked) -> str:
    """How to get `records`, by the methods' titles."""
    rows = "".join(
        f"    {quoted(rc.METHODS[method].title)}: {_call(subject, method, options)},\n" for method, options in asked
    )
    return f"records = {{\n{rows}}}"


def _call(subject: Subject, method: str, options: Options) -> str:
    """The call that gives a map; options at their defaults are left out."""
    usual = {option.name: option.default for option in rc.METHODS[method].options}
    said = "".join(f", {name}={literal(value)}" for name, value in options.items() if value != usual[name])
    return f"rc.attribute(model, batch, {subject.target}, {quoted(method)}{said})"


def _effect(fill: rc.Fill) -> str:
    return f"table = rc.edit_effect(model, batch, gone, {quoted(fill)})"
