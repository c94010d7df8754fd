"""Architecture: the network drawn, every block opened, in code and in numbers; last, Table 1 and the live networks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

import resnet_core as rc
from app.architecture import code, controls
from app.architecture.charts import changes, network, stages, tables
from app.architecture.charts.bands import Detail
from app.architecture.charts.block_code import equation_html, legend_html, source_html
from app.architecture.charts.inside import inside_svg
from app.architecture.charts.keras_block import DIFFERENCES, keras_code
from app.engine import compute
from app.engine.selection import Anatomy, Net
from app.shared import chart, link, sidebar
from app.shared.block_choice import block, open_block
from app.shared.components.diagram import diagram, show_drawing
from app.shared.drawing import fields
from app.shared.errors import explained
from app.shared.families import FAMILIES

WIDE, NARROW = 12, 5  # nodes in a row on a desktop and on a phone
FEW_BLOCKS = 6  # up to so many blocks a stage leave space for the opened block next to the drawing


def draw() -> None:
    net = sidebar.net()
    anatomy(net)
    with explained():
        family(rc.VARIANTS[net.variant])


@link.part
def anatomy(net: Net) -> None:
    """One network in detail; its options redraw nothing else."""
    with explained():
        heading = st.empty()
        own = compute.anatomy(net)
        chosen, detail = controls.anatomy_choice(own)
        described = compute.description(chosen)
        title = described.variant.titled(described.shortcut)
        heading.subheader(f"{title}, drawn", anchor=False)
        before = compute.description(replace(own, input_size=chosen.input_size))
        changed, small = changes.change_words(before, described), changes.small_words(described)
        if changed:
            st.info(changed, icon=":material/swap_horiz:")
        if small:
            st.info(small, icon=":material/zoom_in_map:")
        usual = compute.description(replace(chosen, how=replace(chosen.how, num_classes=described.variant.num_classes)))
        opened = drawn(described, chosen, detail)
        st.markdown(f"{tables.block_finding(described)} {tables.parameter_words(described, usual)}")
        in_code(described, opened)
        numbers(described, chosen)


def drawn(described: rc.Description, chosen: Anatomy, detail: Detail) -> str:
    """The drawn network, and the inside of the block chosen in it; returns the name of that block."""
    side_by_side = described.blocks["stage"].value_counts().max() <= FEW_BLOCKS  # else it needs the whole width
    out = controls.unfolded(list(dict.fromkeys(described.blocks["stage"])))
    left, right = st.columns([4, 5], gap="large") if side_by_side else (st.container(), st.container())
    with right:
        opened = block(["stem", *described.blocks["name"], "head"], default="layer1.0")
        inside(described, chosen, opened)

    def drawing_of(columns: int) -> str:
        return network.network_svg(described, detail=detail, chosen=opened, unfolded=frozenset(out), columns=columns)

    narrow = drawing_of(NARROW)
    wide = narrow if side_by_side else drawing_of(WIDE)
    with left:
        diagram(wide, narrow, key="diagram", on_node=open_block, on_stage=partial(controls.fold, out))
        chart.files(
            table=described.blocks,
            code=code.describe_code(chosen, "blocks"),
            name=f"{chosen.variant}-drawn",
            key="drawn",
            images={"SVG": network.standalone(wide).encode()},
        )
    return opened


def inside(described: rc.Description, chosen: Anatomy, opened: str) -> None:
    """The inside of one block, of the stem or of the head, with every shape."""
    svg = inside_svg(described, opened)
    show_drawing(svg, key="inside_drawing")
    chart.files(
        table=described.layers,
        code=code.describe_code(chosen, "layers"),
        name=f"{described.variant.name}-{opened}",
        key="inside",
        images={"SVG": network.standalone(svg).encode()},
    )


def in_code(described: rc.Description, opened: str) -> None:
    """Equation, source as it runs, and the same block in Keras."""
    rows = described.blocks[described.blocks["name"] == opened]
    if rows.empty:
        st.caption("The stem and the head have no shortcut. Choose a block to see its equation and its code.")
        return
    row = rows.iloc[0]
    kind = described.variant.block
    st.subheader(f"{opened} in code", anchor=False)
    st.html(equation_html(kind, row["shortcut_kind"]) + legend_html())
    if controls.in_keras(("PyTorch, the source as it runs", "Keras, the same block")):
        st.code(keras_code(described, opened), language="python")
        st.markdown("\n".join(f"- {difference}" for difference in DIFFERENCES))
    else:
        st.html(source_html("BasicBlock" if kind == "basic" else "Bottleneck", row["shortcut_kind"]))


def numbers(described: rc.Description, chosen: Anatomy) -> None:
    """Parameters and MACs by stage, receptive fields along the blocks, and every block in a table."""
    name = described.variant.name
    left, right = st.columns(2, gap="large")
    with left:
        chart.chart(
            stages.stage_chart(described),
            alt=stages.stage_words(described),
            table=stages.stage_table(described),
            code=code.describe_code(chosen, "stages"),
            name=f"{name}-stages",
            key="stages",
        )
    with right:
        chart.chart(
            fields.field_chart(described),
            alt=fields.field_words(described),
            table=fields.field_table(described),
            code=code.describe_code(chosen, "fields"),
            name=f"{name}-receptive-fields",
            key="fields",
        )
    st.subheader("Block by block", anchor=False)
    table = tables.block_table(described)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height="content" if len(table) <= 24 else 720,
        column_config={column: st.column_config.NumberColumn(format="localized") for column in tables.NUMBERS},
        alt="Every block with shortcut, shapes, parameters, MACs and receptive field",
    )
    chart.files(
        table=described.blocks,
        code=code.describe_code(chosen, "blocks"),
        name=f"{name}-blocks",
        key="blocks",
        images={},
    )


def family(variant: rc.Variant) -> None:
    """The paper's table and the live networks."""
    names = [name for name, other in rc.VARIANTS.items() if other.family == variant.family]
    original = [compute.description(Anatomy.of_paper(name, "v1")) for name in names]
    live = [compute.description(Anatomy.of_paper(name)) for name in names]
    st.subheader(FAMILIES[variant.family].table, anchor=False)
    st.html(tables.family_table(original, live, chosen=variant.name))
    st.caption(tables.family_note(original, live))


draw()
