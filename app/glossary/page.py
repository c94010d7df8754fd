"""Glossary: the words that the other pages use."""

from __future__ import annotations

import streamlit as st

from app.shared import glossary

words = tuple(glossary.WORDS)
for column, half in zip(st.columns(2, gap="large"), (words[: len(words) // 2], words[len(words) // 2 :]), strict=True):
    column.markdown(glossary.markdown(half))
