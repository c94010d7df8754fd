"""The code for this, on the Feature maps page: programs that give the numbers of blocks and channels as `table`."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.selection import Net, Part, Photo
from app.shared.code import net_lines, network_call, photo_lines, program, quoted


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


def channels_code(net: Net, photo: Photo, layer: str, part: Part) -> str:
    """The numbers of every channel of the stem's output, or of a part of a block, for one photo."""
    return program([*_record_lines(net, photo), f"table = rc.channel_statistics({_maps(layer, part)})"])


def channel_code(net: Net, photo: Photo, layer: str, part: Part, channel: int) -> str:
    """The values of one channel, a row of the table for each row of the map."""
    values = f"table = pd.DataFrame({_maps(layer, part)}[{channel}].numpy())"
    return program([*_record_lines(net, photo), "import pandas as pd", values])


def block_code(net: Net, photo: Photo, layer: str, parts: Sequence[Part], channel: int, *, zero: bool = False) -> str:
    """The values of one channel in several parts of a block, one row a pixel; with `zero` its F(x) is 0."""
    columns = "".join(f'    "{part}": block.{part}[0, {channel}].flatten(),\n' for part in parts)
    return program(
        [
            *_record_lines(net, photo, f", remove=[{quoted(layer)}]" if zero else ""),
            f"block = record[{quoted(layer)}]",
            "import pandas as pd",
            "height, width = block.y.shape[2:]",
            f"values = {{\n{columns}}}",
            'index = pd.MultiIndex.from_product([range(height), range(width)], names=["row", "column"])',
            "table = pd.DataFrame(values, index=index).reset_index()",
        ]
    )


def _record_lines(net: Net, photo: Photo, options: str = "") -> list[str]:
    return [photo_lines(photo), net_lines(net), f"record = rc.capture(model, rc.preprocess(image, model){options})"]


def _maps(layer: str, part: Part) -> str:
    return "record.stem[0]" if layer == "stem" else f"record[{quoted(layer)}].{part}[0]"
