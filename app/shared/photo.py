"""Which photo: a sample, an upload or a picture from the camera."""

from __future__ import annotations

import io
import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine import compute
from app.engine.gate import acquire_core
from app.engine.selection import Photo, digest
from app.shared import link, own_files, sentences
from app.shared.linked import Linked
from app.shared.offers import One
from resnet_core.pictures.samples import SAMPLES

OWN_CREDIT = "Your own photo: only in the memory of this server, and sent nowhere else."
REPLACED = 20.0  # seconds within which a new file counts as a replacement of the last
SAMPLE_WIDTH = 78  # pixels of a sample to click on
MEGABYTES = 20  # of a photo; the browser asks first, but only the server can be sure
GONE = (
    "The photo that was given here is not on this server: it was restarted, or this is somebody else's link. Give the "
    "photo again; until then you see a sample."
)
PHOTO_TYPES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff"]


def photo(*, side_by_side: bool) -> Photo:
    """A sample, an upload or a picture from the camera; the last one counts, on every page."""
    left, right = st.columns([2, 3], gap="medium") if side_by_side else (st.container(), st.container())
    with left:
        sample_list = st.empty()  # filled last: with an own photo no sample is chosen
    _own_photo(left, right, "Or drop in your own photo")
    own: Photo | None = st.session_state.get("own_photo") if own_files.in_use("photo") else None
    with sample_list.container(key="sample_photo" if own is None else "instead_of_own"):  # else the last stays
        sample = _sample(own)
    problem = st.session_state.get("photo_problem")
    if problem:
        st.error(problem, icon=":material/broken_image:")
    if own_files.in_use("photo") and own is None:
        st.info(GONE, icon=":material/no_photography:")
    return own or compute.sample_photo(sample)


def given_first() -> bool:
    """Widgets that begin with a photo: one of one's own, or the samples to click on. True once there is one."""
    own, samples = st.columns([2, 3], gap="large")
    if _own_photo(own, own, "Drop in a photo"):
        return True
    if problem := st.session_state.get("photo_problem"):
        own.error(problem, icon=":material/broken_image:")
    clicked = []
    with samples, st.container(horizontal=True, gap="small"):
        for name in SAMPLES:
            with st.container(width=SAMPLE_WIDTH, gap="xxsmall"):
                st.image(compute.thumbnail(name), width="stretch", alt=_title(name))
                clicked.append(
                    st.button(_title(name), key=f"begin_{name}", on_click=_begin_with, args=(name,), width="stretch")
                )
    return any(clicked)


def _begin_with(name: str) -> None:
    """A sample, in a callback."""
    _forget_own_photo()
    link.choose("sample", name)


def _own_photo(switch: DeltaGenerator, drop: DeltaGenerator, label: str) -> bool:
    """The switch of the camera and the field for files; true if a photo has just been given."""
    camera = switch.toggle(
        "Use the camera", key="camera_on", help="Browsers allow it on localhost and over HTTPS only."
    )
    upload = _fresh("upload")
    drop.file_uploader(label, type=PHOTO_TYPES, key=upload, max_upload_size=MEGABYTES, on_change=_note, args=(upload,))
    if camera:
        shot = _fresh("camera")
        drop.camera_input("Take a photo", key=shot, on_change=_note, args=(shot,))
    noted: str | None = st.session_state.get("photo_noted")
    if noted is None:
        return False
    _take_photo(noted)
    st.session_state["photo_noted"] = None
    return st.session_state["photo_problem"] is None and st.session_state.get("own_photo") is not None


def _sample(own: Photo | None) -> str:
    """The name of the sample photo; with an own photo none is shown as chosen, so that each can be chosen."""
    names, title = list(SAMPLES), "Sample photo"
    if own is None:
        sample = Linked().selectbox(title, names, format_func=_title, key="sample")
        if link.changed("sample"):
            _forget_own_photo()
        return sample
    st.selectbox(
        title, names, index=None, placeholder=own.title, format_func=_title, key="instead", on_change=_take_sample
    )
    return str(link.choice("sample", One(names, _title), names[0]))  # stays in the address


def _title(name: str) -> str:
    return SAMPLES[name].title


def _take_sample() -> None:
    """A sample instead of the visitor's own photo: the uploader shows no file any more either."""
    link.choose("sample", st.session_state["instead"])
    _forget_own_photo()
    st.session_state["photos_left"] = st.session_state.get("photos_left", 0) + 1


def _fresh(name: str) -> str:
    """The key of a file widget; a new one after the visitor changed from the file to a sample."""
    left = st.session_state.get("photos_left", 0)
    return f"{name} {left + 1}" if left else name


def _note(key: str) -> None:
    """A file was added or removed. The page reads it, because an interrupted callback does not run again."""
    st.session_state["photo_noted"] = key


def _forget_own_photo() -> None:
    for name in ("own_photo", "own_photo_from", "photo_problem", "photo_noted"):
        st.session_state[name] = None
    own_files.forget("photo")


def _bring_back(key: str) -> None:
    """Where a file replaces another, the browser takes the old one away just before it sends the new one."""
    photo, when = st.session_state.get("photo_taken_away") or (None, 0.0)
    if photo is not None and time.monotonic() - when < REPLACED:
        st.session_state["own_photo"], st.session_state["own_photo_from"] = photo, key
        own_files.use("photo")


def _take_photo(key: str) -> None:
    """Decode the new file; if it is no picture the last picture stays, also when the file is removed."""
    file: io.BytesIO | None = st.session_state.get(key)
    problem = st.session_state.get("photo_problem")
    st.session_state["photo_problem"] = None
    if file is None:  # removed by the visitor
        if problem is None and st.session_state.get("own_photo_from") == key:
            st.session_state["photo_taken_away"] = st.session_state["own_photo"], time.monotonic()
            _forget_own_photo()
        return
    content = file.getvalue()
    name = sentences.one_line(getattr(file, "name", "photo"))
    try:
        if len(content) > MEGABYTES * 2**20:
            raise rc.ImageError(f"The file has more than {MEGABYTES} MB. Please make the picture smaller.")
        with st.spinner("Reading the photo"), acquire_core("reading of a photo"):  # a huge one takes half a gigabyte
            image = rc.open_image(content)
    except rc.ResNetCoreError as error:  # no picture, or no memory for it
        st.session_state["photo_problem"] = (
            f"{sentences.plain(name)}: {sentences.plain(error)} The photo shown before stays."
        )
        _bring_back(key)
        return
    st.session_state["own_photo"] = Photo(digest(content), name, OWN_CREDIT, image)
    st.session_state["own_photo_from"] = key
    own_files.use("photo")
