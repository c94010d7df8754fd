"""The code for this, on the Architecture page: programs that give the numbers of a network's parts as `table`."""

from __future__ import annotations

from typing import Literal

from app.engine.selection import Anatomy
from app.shared.code import options_text, program, quoted

What = Literal["layers", "blocks", "stages", "fields"]

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


def describe_code(anatomy: Anatomy, what: What) -> str:
    """The numbers of a network, one row per layer, block, stage or field; the variant's own options are left out."""
    options = [quoted(anatomy.variant), str(anatomy.input_size), *options_text(anatomy.variant, anatomy.how)]
    return program([f"network = rc.describe({', '.join(options)})", TABLES[what]])
