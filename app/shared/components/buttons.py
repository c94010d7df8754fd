"""How the buttons in our components look: like Streamlit's own."""

from __future__ import annotations

from pathlib import Path

BUTTONS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
