"""Glossary: the words that the other pages use."""

from __future__ import annotations

import streamlit as st

from app.shared import glossary, slides

words = tuple(glossary.WORDS)
halves = {"words": words[: len(words) // 2], "more_words": words[len(words) // 2 :]}
for column, (name, half) in zip(st.columns(2, gap="large"), halves.items(), strict=True):
    with column, slides.slide(name):
        st.markdown(glossary.markdown(half))
