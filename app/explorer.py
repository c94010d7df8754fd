"""What every visitor sees: the heading, then the page."""

from pathlib import Path

import streamlit as st

from app.pages import PAGES
from app.ready import LOADED
from app.shared import link, presenter
from app.shared.components.again import run_again_after_a_loss
from app.shared.components.steps import one_step_a_page

CSS = Path(__file__).parent / "shared" / "components" / "page.css"
ICON = str(Path(__file__).with_name("icon.svg"))  # an icon by name would be fetched from the internet
st.set_page_config(
    page_title="ResNet Explorer",
    page_icon=ICON,
    layout="wide",
    initial_sidebar_state="collapsed" if link.says("lesson") else "auto",
)
page = st.navigation(
    [
        st.Page(
            f"{info.folder}/page.py",
            title=info.title,
            help=info.question,
            url_path=info.folder,
            default=info is PAGES[0],
            visibility="visible" if info.in_menu else "hidden",
        )
        for info in PAGES
    ],
    position="top",
)
info = next(info for info in PAGES if info.title == page.title)
elsewhere = set(st.query_params) - {link.PAGE, *presenter.NAMES}
if info is PAGES[0] and elsewhere:  # a link from before there was a page to start with
    st.switch_page("predict/page.py", query_params={name: st.query_params.get_all(name) for name in st.query_params})
link.begin(page.url_path)
st.html(CSS)
presenter.heading(info.question, info.words)

frame = st.empty()  # always there: if the widgets below moved, the browser would forget choices
if not LOADED.is_set():  # early visitors see the frame of the page while PyTorch loads
    with frame.container():
        st.caption("Loading PyTorch. This happens once, when the server has just started.")
        st.skeleton(height=120)
        st.skeleton(height=420)

from app.classroom.guide import guided  # noqa: E402  (imports torch, which takes seconds: only after the first paint)
from app.engine.cluster import cluster  # noqa: E402

LOADED.set()
frame.empty()
with st.container(key="invisible"):
    run_again_after_a_loss()
    one_step_a_page()
presenter.view()
guided(info.folder, page.run)
if told := cluster.said():
    st.caption(told)
link.finish()
