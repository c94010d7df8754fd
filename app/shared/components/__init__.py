"""Streamlit components of our own that several pages use."""
