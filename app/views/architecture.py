"""Architecture: the paper's Table 1 beside the live networks, and every block of the chosen one."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app import compute, controls
from app.figures import tables
from resnet_core.images import TRANSFORMS


def draw() -> None:
    net = controls.selection().net
    variant = rc.VARIANTS[net.variant]
    with controls.explained():
        family = [name for name, other in rc.VARIANTS.items() if other.family == variant.family]
        size = variant.input_size
        original = [compute.description(name, size, version="v1") for name in family]
        live = [compute.description(name, size) for name in family]
        st.subheader(tables.family_title(variant.family), anchor=False)
        st.html(tables.family_table(original, live, chosen=variant.name))
        st.caption(tables.family_note(original, live))

        crop = (net.known.transform if net.known else TRANSFORMS[variant.family]).crop
        chosen = compute.description(net.variant, crop, "none" if net.is_plain else None)
        st.subheader(f"{net.title}, block by block", anchor=False)
        st.markdown(tables.block_finding(chosen))
        table = tables.block_table(chosen)
        st.dataframe(
            table,
            hide_index=True,
            width="stretch",
            height="content" if len(table) <= 24 else 720,
            column_config={name: st.column_config.NumberColumn(format="localized") for name in tables.NUMBERS},
            alt=f"Every block of {net.title} with shortcut, shapes, parameters, MACs and receptive field",
        )
        st.download_button(
            "Table as CSV",
            table.to_csv(index=False),
            file_name=f"{net.variant}-blocks.csv",
            mime="text/csv",
            icon=":material/download:",
        )
        with st.expander("The code for this", icon=":material/code:"):
            option = ', shortcut="none"' if net.is_plain else ""
            st.code(
                f'import resnet_core as rc\n\nd = rc.describe("{net.variant}", input_size={crop}{option})\n'
                "print(d.params, d.macs)\nprint(d.blocks)",
                language="python",
            )


draw()
