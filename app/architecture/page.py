"""Architecture: the network drawn beside the inside of a block; in other parts its code, its numbers, the paper."""

from __future__ import annotations

from functools import partial

import streamlit as st

import resnet_core as rc
from app.architecture import code, computed, controls, through
from app.architecture.charts import tables
from app.architecture.charts.bands import Detail
from app.architecture.charts.keras_block import DIFFERENCES
from app.engine import compute
from app.engine.selection import Anatomy, Net
from app.shared import chart, link, presenter, sidebar, slides
from app.shared.block_choice import open_block
from app.shared.components.diagram import diagram, show_drawing
from app.shared.drawing.standalone import standalone
from app.shared.errors import explained
from app.shared.families import FAMILIES
from app.shared.linked import Linked
from app.shared.verdict import verdict

ON_PAGE, ON_SLIDE, ON_PAPER = 5, 9, 12  # nodes in a row
BUTTON = 240  # pixels of the button that sends a photo
BOX, BOX_ON_A_PHONE = 450, 270  # pixels of the box in which the drawing scrolls
SMALLER_BOX = (
    "<style>.st-key-drawing {scroll-margin-top: 4rem} "  # of the bar over the page
    f"@media (max-width: 640px) {{:has(> .st-key-drawing) {{flex: none; height: {BOX_ON_A_PHONE}px}}}}</style>"
)
NO_CODE = "The stem and the head have no shortcut. Choose a block to see its equation and its code."


def draw() -> None:
    anatomy(sidebar.net())


@link.part
def anatomy(net: Net) -> None:
    """One network, in one of several parts; its options redraw nothing else."""
    parts = {"Network": drawn, "Code": in_code, "Numbers": numbers, "Paper": family}
    chosen, tab = Linked().tabs(list(parts), key="anatomy")
    with tab, explained():
        parts[chosen](net)


def drawn(net: Net) -> None:
    """The drawn network, beside it the inside of the block chosen in it; a photo goes through on request."""
    alone = presenter.is_alone()  # then the inside has a screen of its own
    with slides.slide("network"):
        own = compute.anatomy(net)
        chosen, detail = controls.anatomy_choice(own)
        said = computed.finding(own, chosen)
        sent = st.container()
        left, right = (st.container(), st.container()) if alone else st.columns([2, 3], gap="medium")
        with left if alone else right, st.container(horizontal=alone, vertical_alignment="center"):
            verdict(said.verdict, said.figures)
            through.button(st.container(width=BUTTON), chosen)
        with sent:
            through.journey(net, own, chosen)
    with slides.slide("inside") if alone else right:
        opened = controls.block(compute.description(chosen))
        inside(chosen, opened)
    with left, slides.whole_on_screen("network"):
        drawing(chosen, detail, opened, ON_SLIDE if alone else ON_PAGE)
    st.caption(said.more)


def drawing(chosen: Anatomy, detail: Detail, opened: str, columns: int) -> None:
    """The drawn network, so many nodes in a row, in a box of its own, so that what a click opens stays beside it."""
    described = compute.description(chosen)
    out = controls.unfolded(list(dict.fromkeys(described.blocks["stage"])))

    def svg(columns: int) -> str:
        return computed.drawn(chosen, detail, opened, tuple(out), columns)

    st.html(SMALLER_BOX)
    with st.container(height=BOX, border=False, key="drawing"):
        diagram(svg(columns), key="diagram", on_node=open_block, on_stage=partial(controls.fold, out))
    chart.files(
        table=described.blocks,
        code=code.describe_code(chosen, "blocks"),
        name=f"{chosen.variant}-drawn",
        key="drawn",
        images={"SVG": lambda: standalone(svg(ON_PAPER))},
    )


def inside(chosen: Anatomy, opened: str) -> None:
    """The inside of one block, of the stem or of the head, with every shape."""
    svg = computed.inside(chosen, opened)
    show_drawing(svg, key="inside_drawing")
    chart.files(
        table=compute.description(chosen).layers,
        code=code.describe_code(chosen, "layers"),
        name=f"{chosen.variant}-{opened}",
        key="inside",
        images={"SVG": lambda: standalone(svg)},
    )


def in_code(net: Net) -> None:
    """Equation, source as it runs, and the same block in Keras."""
    with slides.slide("code"):
        chosen, _ = controls.anatomy_choice(compute.anatomy(net))
        opened = controls.block(compute.description(chosen))
        equation, source, keras = computed.in_code(chosen, opened)
        if not equation:
            st.caption(NO_CODE)
            return
        verdict(f"{opened} as equation and in code")
        st.html(equation)
    with slides.slide("source"):
        if controls.in_keras(("PyTorch, the source as it runs", "Keras, the same block")):
            st.code(keras, language="python")
            st.markdown("\n".join(f"- {difference}" for difference in DIFFERENCES))
        else:
            st.html(source)


def numbers(net: Net) -> None:
    """Parameters and MACs by stage, receptive fields along the blocks, and every block in a table."""
    with slides.slide("numbers"):
        chosen, _ = controls.anatomy_choice(compute.anatomy(net))
        left, right = st.columns(2, gap="large")
        with left:
            chart.show(computed.by_stage(chosen), key="stages")
        with right:
            chart.show(computed.receptive_fields(chosen), key="fields")
    table = computed.block_table(chosen)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height="content" if len(table) <= 18 else 640,
        column_config={column: st.column_config.NumberColumn(format="localized") for column in tables.NUMBERS},
        alt="Every block with shortcut, shapes, parameters, MACs and receptive field",
    )
    chart.files(
        table=compute.description(chosen).blocks,
        code=code.describe_code(chosen, "blocks"),
        name=f"{chosen.variant}-blocks",
        key="blocks",
        images={},
    )


def family(net: Net) -> None:
    """The paper's table and the live networks."""
    with slides.slide("paper"):
        verdict(FAMILIES[rc.VARIANTS[net.variant].family].table)
        table, note = computed.family(net.variant)
        st.html(table)
    st.caption(note)


draw()
