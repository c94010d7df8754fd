"""Glossary: the words that the other pages use."""

from __future__ import annotations

import streamlit as st

from app.shared import glossary

st.markdown(glossary.markdown())
