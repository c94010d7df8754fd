"""The entry point: `streamlit run app/main.py`. Draws the heading, then the controls, then the page."""

import sys
from pathlib import Path

import streamlit as st

from app.pages import PAGES

ICON = str(Path(__file__).with_name("icon.svg"))  # an icon by name would be fetched from the internet
st.set_page_config(page_title="ResNet Explorer", page_icon=ICON, layout="wide")
entries = {
    info.title: st.Page(info.file, title=info.title, icon=info.icon, help=info.question, default=info is PAGES[0])
    for info in PAGES
}
page = st.navigation(list(entries.values()), position="top")
info = next(info for info in PAGES if info.title == page.title)
st.title(info.question, anchor=False)

cold = [] if "torch" in sys.modules else [st.empty(), st.skeleton(height=120), st.skeleton(height=420)]
if cold:  # the first visitor sees the page's frame while PyTorch loads
    cold[0].caption("Loading PyTorch. This happens once, when the server has just started.")

from app import controls  # noqa: E402  (imports torch, which takes seconds: only after the first paint)

for placeholder in cold:
    placeholder.empty()
controls.draw(on_landing_page=info is PAGES[0])
page.run()
