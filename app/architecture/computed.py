"""What Architecture shows, finished and kept: drawings, sentences, tables and charts of a network's parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

import resnet_core as rc
from app.architecture import code
from app.architecture.charts import changes, network, stages, tables
from app.architecture.charts.bands import Detail
from app.architecture.charts.block_code import equation_html, legend_html, source_html
from app.architecture.charts.inside import inside_svg
from app.architecture.charts.journey import mean_picture, photo_picture
from app.architecture.charts.keras_block import keras_code
from app.engine import compute
from app.engine.cache import cached, new_cache
from app.engine.selection import RANDOM, Anatomy, Net, Photo
from app.shared.drawing import fields
from app.shared.drawing.finished import Finished


@dataclass(frozen=True)
class Finding:
    """What a network is, or what was changed in it: in one line, the figures behind that, and more of it."""

    verdict: str
    figures: str
    more: str


@cached(new_cache(16))
def drawn(anatomy: Anatomy, detail: Detail, opened: str, unfolded: tuple[str, ...], columns: int) -> str:
    """The network as SVG."""
    described = compute.description(anatomy)
    return network.network_svg(described, detail=detail, chosen=opened, unfolded=frozenset(unfolded), columns=columns)


@cached(new_cache(8))
def inside(anatomy: Anatomy, opened: str) -> str:
    """The inside of a block, of the stem or of the head as SVG."""
    return inside_svg(compute.description(anatomy), opened)


@cached(new_cache(2))
def finding(own: Anatomy, chosen: Anatomy) -> Finding:
    """What was changed in the network `own` and what it costs; of an unchanged network, its blocks and parameters."""
    now = compute.description(chosen)
    before = compute.description(replace(own, input_size=chosen.input_size))
    usual = compute.description(replace(chosen, how=replace(chosen.how, num_classes=now.variant.num_classes)))
    changed, paper = changes.change_verdict(before, now), changes.paper_words(before, now)
    small, _, why = changes.small_words(now).partition(". ")
    blocks, size = tables.block_finding(now), tables.parameter_words(now, usual)
    verdict = changed or f"{now.variant.titled(now.shortcut)}: {tables.block_verdict(now)}"
    figures = f"{small}." if small else paper if changed else size
    more = (why, paper, blocks if changed else blocks.partition(". ")[2], size)
    return Finding(verdict, figures, " ".join(words for words in more if words and words != figures))


@cached(new_cache(2))
def in_code(anatomy: Anatomy, opened: str) -> tuple[str, str, str]:
    """A block as equation, as source that runs, both as HTML, and in Keras; empty for the stem and the head."""
    described = compute.description(anatomy)
    rows = described.blocks[described.blocks["name"] == opened]
    if rows.empty:
        return "", "", ""
    kind, shortcut = described.variant.block, rows["shortcut_kind"].iloc[0]
    source = source_html("BasicBlock" if kind == "basic" else "Bottleneck", shortcut)
    return equation_html(kind, shortcut) + legend_html(), source, keras_code(described, opened)


@cached(new_cache(8))
def by_stage(anatomy: Anatomy) -> Finished:
    """Parameters and MACs by stage."""
    described = compute.description(anatomy)
    return Finished(
        stages.stage_chart(described),
        stages.stage_words(described),
        stages.stage_table(described),
        code.describe_code(anatomy, "stages"),
        f"{anatomy.variant}-stages",
    )


@cached(new_cache(8))
def receptive_fields(anatomy: Anatomy) -> Finished:
    """Receptive fields along the blocks."""
    described = compute.description(anatomy)
    return Finished(
        fields.field_chart(described),
        fields.field_words(described),
        fields.field_table(described),
        code.describe_code(anatomy, "fields"),
        f"{anatomy.variant}-receptive-fields",
    )


@cached(new_cache(4))
def block_table(anatomy: Anatomy) -> pd.DataFrame:
    """Every block with its shapes and counts."""
    return tables.block_table(compute.description(anatomy))


@cached(new_cache(1))
def family(variant: str) -> tuple[str, str]:
    """The paper's table beside the live networks, as HTML, and why they differ."""
    names = [name for name, other in rc.VARIANTS.items() if other.family == rc.VARIANTS[variant].family]
    original = [compute.description(Anatomy.of_paper(name, "v1")) for name in names]
    live = [compute.description(Anatomy.of_paper(name)) for name in names]
    return tables.family_table(original, live, chosen=variant), tables.family_note(original, live)


@cached(new_cache(16))
def seen(net: Net, photo: Photo) -> tuple[tuple[str, ...] | None, str]:
    """The photo, and what the stem and each stage make of it, as data URLs, and the first answer of trained weights.

    None where some values are not finite.
    """
    record = compute.record(net, photo)
    last = {block.stage: block.y for block in record.blocks}
    outputs = [record.stem, *last.values()]
    if not all(bool(output.isfinite().all()) for output in outputs):
        return None, ""
    drawn = [mean_picture(output[0].float().mean(dim=0).cpu().numpy()) for output in outputs]
    answer = "" if net.weights == RANDOM else str(compute.prediction(net, photo)["class"].iloc[0])
    return (photo_picture(compute.view(net, photo)), *drawn), answer
