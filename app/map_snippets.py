"""The code for this, on the Attributions page: programs that give the numbers of maps, checks and edits as `table`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import resnet_core as rc
from app.selection import Net, Photo
from app.snippets import net_lines, photo_lines, program, quoted

Options = Mapping[str, object]
BATCH = "batch = rc.preprocess(image, model)"
PANDAS = "import pandas as pd"


def map_code(net: Net, photo: Photo, target: int, method: str, options: Options) -> str:
    """The values of one map, a row of the table for each row of the picture."""
    return program(
        [
            *_start(net, photo),
            f"record = {_call(target, method, options)}",
            PANDAS,
            "table = pd.DataFrame(record.map[0].cpu().numpy())",
        ]
    )


def agreement_code(net: Net, photo: Photo, target: int, chosen: Sequence[tuple[str, Options]]) -> str:
    """The rank correlation of every two maps, with the method in the first column."""
    calls = "".join(
        f"    {quoted(rc.METHODS[method].title)}: {_call(target, method, options)},\n" for method, options in chosen
    )
    return program(
        [
            *_start(net, photo),
            f"records = {{\n{calls}}}",
            'table = rc.agreement(records).rename_axis("method").reset_index()',
        ]
    )


def cascade_code(net: Net, photo: Photo, target: int, method: str, options: Options) -> str:
    """How like the map still is after each part of the network was made random."""
    return program(
        [
            *_start(net, photo),
            f"record = {_call(target, method, options)}",
            'table = rc.trust(model, batch, record, ("randomisation",)).randomisation.table',
        ]
    )


def curves_code(net: Net, photo: Photo, target: int, chosen: Sequence[tuple[str, Options]]) -> str:
    """The probability as pixels are taken away and put in, by each map and by random ones."""
    calls = "".join(
        f"    {quoted(rc.METHODS[method].title)}: {_call(target, method, options)},\n" for method, options in chosen
    )
    return program(
        [
            *_start(net, photo),
            f"records = {{\n{calls}}}",
            "tables = [",
            '    rc.trust(model, batch, record, ("deletion",)).deletion.table.assign(method=title)',
            "    for title, record in records.items()",
            "]",
            PANDAS,
            "table = pd.concat(tables, ignore_index=True)",
        ]
    )


def superpixels_code(net: Net, photo: Photo, count: int, gone: Collection[int], fill: rc.Fill) -> str:
    """Every class before and after some superpixels are taken away."""
    return program(
        [
            *_start(net, photo),
            "from resnet_core.predict import transform_of",
            "import torch",
            f"cut = rc.superpixels(transform_of(model).restore(batch), {count})",
            f"gone = torch.isin(cut, torch.tensor({sorted(gone)}))",
            f"table = rc.edit_effect(model, batch, gone, {quoted(fill)})",
        ]
    )


def rectangle_code(net: Net, photo: Photo, edges: Mapping[str, float], fill: rc.Fill) -> str:
    """Every class before and after a rectangle is taken away."""
    named = ", ".join(f"{name}={value:g}" for name, value in edges.items())
    return program(
        [
            *_start(net, photo),
            "from app.figures.regions import rectangle",
            "import torch",
            "height, width = batch.shape[2:]",
            f"gone = torch.from_numpy(rectangle(height, width, {named}))[None]",
            f"table = rc.edit_effect(model, batch, gone, {quoted(fill)})",
        ]
    )


def _start(net: Net, photo: Photo) -> list[str]:
    return [photo_lines(photo), net_lines(net), BATCH]


def _call(target: int, method: str, options: Options) -> str:
    """The call that gives a map; options at their defaults stay out."""
    usual = {option.name: option.default for option in rc.METHODS[method].options}
    said = "".join(
        f", {name}={quoted(value) if isinstance(value, str) else repr(value)}"
        for name, value in options.items()
        if value != usual[name]
    )
    return f"rc.attribute(model, batch, {target}, {quoted(method)}{said})"
