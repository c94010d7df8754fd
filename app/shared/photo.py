"""Which photo: a sample, an upload or a picture from the camera, in a strip of small pictures that shows which."""

from __future__ import annotations

import io
import time
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine import compute
from app.engine.gate import acquire_core
from app.engine.selection import Photo, digest
from app.shared import link, own_files, sentences
from app.shared.offers import One
from resnet_core.pictures.samples import SAMPLES

OWN_CREDIT = "Your own photo: only in the memory of this server, and sent nowhere else."
REPLACED = 20.0  # seconds within which a new file counts as a replacement of the last
OWN = "own"  # in the strip, among the names of the samples
MEGABYTES = 20  # of a photo; the browser asks first, but only the server can be sure
GONE = (
    "The photo that was given here is not on this server: the page was loaded anew, the server was restarted, or "
    "this is somebody else's link. Give the photo again; until then you see a sample."
)
PHOTO_TYPES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff"]


def photo(*, uploader_open: bool = False) -> Photo:
    """The chosen one of a strip of small pictures: the samples and one's own. The way to give one's own is beside it.

    `uploader_open` shows the field for files in the page instead of in a popover. The last photo counts on every page.
    """
    if uploader_open:
        left, field = st.columns([7, 4], gap="medium", vertical_alignment="center")
        switch = left.container(horizontal=True, vertical_alignment="center", gap="medium")
        strip = switch.container(width="content")
    else:
        row = st.container(horizontal=True, gap="small", vertical_alignment="center")
        strip = row.container(width="content")  # filled last, for a new photo belongs to it
        number = st.session_state.get("photos_given", 0)  # a new key closes it: the field would cover the answer
        field = switch = row.popover(
            "Your photo", icon=":material/add_a_photo:", key=f"your_photo_{number}", on_change="rerun"
        )
    _own_photo(field, switch, "Your own photo", "collapsed" if uploader_open else "visible")
    if problem := st.session_state.get("photo_problem"):
        st.error(problem, icon=":material/broken_image:")
    own: Photo | None = st.session_state.get("own_photo")
    name = link.choice("sample", One(list(SAMPLES), _title), next(iter(SAMPLES)))  # stays in the address
    in_use = own_files.in_use("photo")
    if in_use and own is None:
        st.info(GONE, icon=":material/no_photography:")
    pictures = _samples() | ({} if own is None else {OWN: _label(own)})
    used = OWN if in_use and own is not None else name
    with strip.container(key="photos_strip"):
        _strip(pictures, used, key="photos")
    return own if used == OWN and own is not None else compute.sample_photo(name)


def given_first() -> bool:
    """Widgets that begin with a photo: one of one's own, or the samples to click on. True once there is one."""
    samples, own = st.columns([5, 4], gap="medium", vertical_alignment="center")
    if _own_photo(own, own, "Drop in a photo", "collapsed"):
        return True
    if problem := st.session_state.get("photo_problem"):
        own.error(problem, icon=":material/broken_image:")
    with samples.container(key="photos_large"):
        _strip(_samples(), None, key="first_photo")
    return bool(st.session_state.pop("photo_taken", False))


def _strip(pictures: dict[str, str], used: str | None, *, key: str) -> None:
    """The small pictures, that in use framed; a click chooses another."""
    st.session_state[key] = used
    st.segmented_control(
        "Photo",
        list(pictures),
        format_func=lambda name: pictures[name],
        key=key,
        on_change=_take,
        args=(key,),
        label_visibility="collapsed",
        required=used is not None,
    )


def _take(key: str) -> None:
    """The clicked picture, in a callback."""
    chosen: str | None = st.session_state[key]
    st.session_state["photo_problem"] = None
    if chosen == OWN:
        own_files.use("photo")
    elif chosen is not None:
        own_files.forget("photo")
        link.choose("sample", chosen)
        st.session_state["photo_taken"] = key == "first_photo"


def _own_photo(
    field: DeltaGenerator, switch: DeltaGenerator, label: str, label_visibility: Literal["visible", "collapsed"]
) -> bool:
    """The field for files and the switch of the camera; true if a photo has just been given."""
    field.file_uploader(
        label,
        type=PHOTO_TYPES,
        key="upload",
        max_upload_size=MEGABYTES,
        on_change=_note,
        args=("upload",),
        label_visibility=label_visibility,
    )
    camera = switch.toggle("Camera", key="camera_on", help="Browsers allow it on localhost and over HTTPS only.")
    if camera:
        field.camera_input("Take a photo", key="camera", on_change=_note, args=("camera",))
    noted: str | None = st.session_state.get("photo_noted")
    if noted is None:
        return False
    _take_photo(noted)
    st.session_state["photo_noted"] = None
    return st.session_state["photo_problem"] is None and st.session_state.get("own_photo") is not None


def _title(name: str) -> str:
    return SAMPLES[name].title


def _samples() -> dict[str, str]:
    return {name: _label(compute.sample_photo(name)) for name in SAMPLES}


def _label(photo: Photo) -> str:
    """A photo as the label of a choice: its small picture, read aloud as its title."""
    title = sentences.plain(photo.title)
    return f"![{title}]({compute.thumbnail(photo)} '{title.replace(chr(39), chr(8217))}')"


def _note(key: str) -> None:
    """A file was added or removed. The page reads it, because an interrupted callback does not run again."""
    st.session_state["photo_noted"] = key
    if st.session_state[key] is not None:
        st.session_state["photos_given"] = st.session_state.get("photos_given", 0) + 1


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
        give(content, name)
    except rc.ResNetCoreError as error:  # no picture, or no memory for it
        st.session_state["photo_problem"] = (
            f"{sentences.plain(name)}: {sentences.plain(error)} The photo shown before stays."
        )
        _bring_back(key)
        return
    st.session_state["own_photo_from"] = key


def give(content: bytes, name: str) -> None:
    """Use the photo in this file from now on. Raises `rc.ResNetCoreError`."""
    if len(content) > MEGABYTES * 2**20:
        raise rc.ImageError(f"The file has more than {MEGABYTES} MB. Please make the picture smaller.")
    with st.spinner("Reading the photo"), acquire_core("reading of a photo"):  # a huge one takes half a gigabyte
        image = rc.open_image(content)
    st.session_state["own_photo"] = Photo(digest(content), name, OWN_CREDIT, image)
    own_files.use("photo")
