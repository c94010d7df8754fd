"""Errors that a visitor can cause end as one sentence in the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

import resnet_core as rc
from app.engine.gate import explain_machine_errors
from app.shared import sentences


@contextmanager
def explained() -> Iterator[None]:
    """Show errors that a visitor can cause, and errors of the machine, as one sentence in the page."""
    try:
        with explain_machine_errors():
            yield
    except rc.ResNetCoreError as error:
        st.error(sentences.plain(error), icon=":material/error:")
