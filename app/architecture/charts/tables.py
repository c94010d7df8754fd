"""The tables of the Architecture page, from `rc.Description` records."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

import resnet_core as rc
from app.architecture.charts.stages import class_words
from app.shared.drawing.shortcuts import SHORTCUTS

STYLE = """<style>
.family {overflow-x: auto}
.family table {border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem}
.family th, .family td {padding: .2rem .45rem; text-align: center; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 22%, transparent)}
.family th[scope=row] {text-align: left; font-weight: 600}
.family .chosen {background: color-mix(in srgb, #0072B2 16%, transparent)}
.family .matrix {display: inline-block; border: solid currentColor; border-width: 0 1.5px; border-radius: 7px;
  padding: 0 .45rem; vertical-align: middle; line-height: 1.2}
.family .size {font-weight: 400}
.family .spanning {position: sticky; left: 9rem; right: 2rem}
</style>"""
NUMBERS = ("parameters", "MACs", "receptive field (px)")


def family_table(original: list[rc.Description], live: list[rc.Description], *, chosen: str) -> str:
    """One column a network: output size and block formula of each stage, then the paper's figures and ours.

    `original` describes version v1, the paper's; `live` version v1.5, which the package builds.
    """
    layers = {row["name"]: row for row in live[0].layers.to_dict("records")}
    first = layers["conv1"]
    stem = f"{first['kernel']}×{first['kernel']}, {first['output'][0]}, stride {first['stride']}"
    rows = [_row("", [d.variant.title for d in live], live, chosen, tag="th")]
    rows.append(_spanning(_stage_name("conv1", first["output"]), stem, len(live)))
    if "maxpool" in layers:
        pool = layers["maxpool"]
        text = f"{pool['kernel']}×{pool['kernel']} max pool, stride {pool['stride']}"
        rows.append(_spanning(_stage_name("", pool["output"]), text, len(live)))
    for _, stage in live[0].stages.query("blocks > 0").iterrows():
        formulas = [_formula(d, stage["name"]) for d in live]
        rows.append(_row(_stage_name(stage["paper_name"], stage["output"]), formulas, live, chosen))
    classes = live[0].num_classes
    rows.append(_spanning(_stage_name("", (classes, 1, 1)), f"average pool, {classes}-d fc, softmax", len(live)))
    rows += [_row(label, values, live, chosen) for label, values in _figures(original, live)]
    table = f"<table>{''.join(rows)}</table>"
    return f'{STYLE}<div class="family" tabindex="0" role="region" aria-label="Table of variants">{table}</div>'


def _stage_name(name: str, output: Any) -> str:
    return f"{name} <span class='size'>{output[1]}×{output[2]}</span>"


def _row(heading: str, values: list[str], live: list[rc.Description], chosen: str, tag: str = "td") -> str:
    marks = [' class="chosen"' if d.variant.name == chosen else "" for d in live]
    scope = ' scope="col"' if tag == "th" else ""
    cells = "".join(f"<{tag}{scope}{mark}>{value}</{tag}>" for mark, value in zip(marks, values, strict=True))
    return f'<tr><th scope="row">{heading}</th>{cells}</tr>'


def _spanning(heading: str, text: str, columns: int) -> str:
    return f'<tr><th scope="row">{heading}</th><td colspan="{columns}"><span class="spanning">{text}</span></td></tr>'


def _figures(original: list[rc.Description], live: list[rc.Description]) -> list[tuple[str, list[str]]]:
    variants = [d.variant for d in live]
    rows = [(f"parameters, {class_words(live[0])}", [f"{d.params:,}" for d in live])]
    if variants[0].paper_flops is not None:
        rows += [
            ("“FLOPs” in the paper", [f"{(v.paper_flops or 0) / 1e9:.1f} × 10⁹" for v in variants]),
            ("MACs counted, v1", [f"{d.macs / 1e9:.3f} × 10⁹" for d in original]),
            ("MACs counted, v1.5", [f"{d.macs / 1e9:.3f} × 10⁹" for d in live]),
            ("top-1 error in the paper", [f"{v.paper_error} %" for v in variants]),
        ]
    else:
        rows += [
            ("MACs", [f"{d.macs / 1e6:,.1f} × 10⁶" for d in live]),
            ("test error in the paper", [f"{v.paper_error} %" for v in variants]),
        ]
    return rows


def _formula(description: rc.Description, stage: str) -> str:
    """The block of a stage and how often it is repeated, read from the layers of the live network."""
    layers = description.layers
    convs = layers[(layers["stage"] == stage) & (layers["path"] == "main") & (layers["kind"] == "conv")]
    first = convs[convs["block"] == f"{stage}.0"]
    lines = "<br>".join(f"{row['kernel']}×{row['kernel']}, {row['output'][0]}" for _, row in first.iterrows())
    return f'<span class="matrix">{lines}</span> × {convs["block"].nunique()}'


def family_note(original: list[rc.Description], live: list[rc.Description]) -> str:
    """Why paper and network differ, and by how much exactly."""
    shifted = [(d.variant.title, d.macs - o.macs) for d, o in zip(live, original, strict=True) if d.macs != o.macs]
    if not shifted:
        return (
            "One MAC is one multiplication with its addition. Batch norm, ReLU and the additions are not counted. "
            "The paper's errors are those of networks trained for 64,000 steps on the original CIFAR-10."
        )
    names = ", ".join(name for name, _ in shifted)
    more = shifted[0][1]
    return (
        "Errors are on the ImageNet validation set, ten crops of each photo, networks with option B; the paper gives "
        "ResNet-18 with option A only (Table 2). "
        "The paper counts multiply-adds and calls them FLOPs; so do we, under their own name, MACs. "
        f"Version v1 puts a bottleneck's stride on its first 1×1 conv, v1.5 (torchvision's) on its 3×3: that costs "
        f"exactly {more:,} MACs more in {names}. The paper's 3.8 and torchvision's 4.1 for ResNet-50 are both right."
    )


def block_finding(description: rc.Description) -> str:
    """What to notice among the blocks, in up to three sentences."""
    head = f"{block_verdict(description)}."
    first = description.blocks.iloc[0]
    if first["shortcut_kind"] == "projection" and first["input"] == first["output"]:
        head += " Option C projects in every block, also where x has the right shape already."
    elif first["shortcut_kind"] == "projection" and first["input"][1] == first["output"][1]:
        head += (
            f" Even {first['name']} projects, though it keeps the size: it must go from {first['input'][0]} to "
            f"{first['output'][0]} channels."
        )
    last = description.blocks.iloc[-1]
    if last["receptive_field"] > description.input_size:
        head += (
            f" In theory the last block sees a square of {last['receptive_field']} pixels a side, more than the whole "
            f"picture of {description.input_size}."
        )
    return head


def block_verdict(description: rc.Description) -> str:
    """How many blocks there are, and with which shortcuts."""
    counts = description.blocks["shortcut_kind"].value_counts()
    parts = [f"{SHORTCUTS[str(kind)].name} ({count})" for kind, count in counts.items()]
    shortcuts = " without shortcuts" if description.shortcut == "none" else f"; shortcuts: {', '.join(parts)}"
    return f"{len(description.blocks)} blocks{shortcuts}"


def parameter_words(description: rc.Description, usual: rc.Description) -> str:
    """The number of parameters with the classes of the head, and with those of the family's table.

    `usual` is the same network with the family's own classes.
    """
    said = f"{description.params:,} parameters with a head of {class_words(description)}"
    more = description.params - usual.params
    if not more:
        return f"{said}."
    apart = f"{abs(more):,} {'more' if more > 0 else 'fewer'}"
    return f"{said}, {apart} than with the {usual.num_classes:,} of the table."


def _marked(kind: str) -> str:
    """A kind of shortcut with its mark; nothing for stem and head."""
    look = SHORTCUTS.get(kind)
    return f"{look.mark}  {look.name}" if look else ""


def block_table(description: rc.Description) -> pd.DataFrame:
    """Stem, blocks and head with shapes for the present input size, for people and for CSV."""
    ends = description.stages.set_index("name")
    layers = description.layers
    stem = ends.loc[["stem"]].assign(input=[layers["input"].iloc[0]], shortcut_kind="")
    head = ends.loc[["head"]].assign(input=[description.blocks["output"].iloc[-1]], shortcut_kind="")
    rows = pd.concat([stem.reset_index(), description.blocks, head.reset_index()], ignore_index=True)
    return pd.DataFrame(
        {
            "block": rows["name"],
            "shortcut": [_marked(kind) for kind in rows["shortcut_kind"]],
            "input": [_shape(shape) for shape in rows["input"]],
            "output": [_shape(shape) for shape in rows["output"]],
            "parameters": rows["params"],
            "MACs": rows["macs"],
            "receptive field (px)": rows["receptive_field"],
        }
    )


def _shape(shape: tuple[int, ...]) -> str:
    return html.escape(" × ".join(str(side) for side in shape))
