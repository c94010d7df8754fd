"""A visitor without a browser, who works like Streamlit's front end.

It keeps the state of all widgets, remembers large messages so that the server need not send them again, and fetches the
pictures that it has not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.load.line import Line, Trouble
from tests.load.screen import Screen, pictures

ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Visitor:
    """One session. `limit` is how many seconds an action may take."""

    def __init__(self, url: str, limit: float) -> None:
        self.line = Line(url, limit)
        self.screen = Screen()
        self.fetched: dict[str, str] = {}  # the digest of each picture, by its address
        self._remembered: dict[str, tuple[ForwardMsg, int]] = {}  # large messages, and the run that last used them
        self._runs = 0
        self._states: dict[str, WidgetState] = {}
        self._pages: dict[str, str] = {}
        self._told = NewSession()
        self._session = self._page = self._query = ""

    def arrive(self) -> None:
        """Connect, and wait for the first run."""
        self.line.begin()
        self.line.open()
        self._run()

    def go(self, title: str, choices: Mapping[str, str]) -> None:
        """Another page by its title, with `choices` in the address. What the old page alone drew is gone."""
        self.line.begin()
        self.screen.keep_script(self._told.main_script_hash)
        self._forget_widgets()
        self._page = self._pages[title]
        self._query = urlencode(choices)
        self._run()

    def choose(self, key: str, value: str | float) -> None:
        """Set a selectbox, a segmented control or a slider; reruns only its fragment if it lies in one."""
        self.line.begin()
        node = self.screen.widget(key)
        values: dict[str, Any] = {
            "selectbox": {"string_value": value},
            "button_group": {"string_array_value": {"data": [value]}},
            "slider": {"double_array_value": {"data": [value]}},
        }[node.kind]
        self._states[node.id] = WidgetState(id=node.id, **values)
        self._run(node.fragment)

    def upload(self, key: str, name: str, content: bytes) -> None:
        """Give a file to an uploader; it replaces the last."""
        self.line.begin()
        node = self.screen.widget(key)
        asked = {"request_id": name, "session_id": self._session, "file_names": [name]}
        self._send(BackMsg(file_urls_request=asked))
        while (answer := self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        urls = answer.file_urls_response.file_urls[0]
        self.line.put(urls.upload_url, name, content)
        before = self._states.get(node.id, WidgetState()).file_uploader_state_value
        for file in before.uploaded_file_info:  # the front end deletes what it replaces
            self.line.request("DELETE", file.file_urls.delete_url, headers=self.line.own)
        info = {"name": name, "size": len(content), "file_id": urls.file_id, "file_urls": urls}
        self._states[node.id] = WidgetState(id=node.id, file_uploader_state_value={"uploaded_file_info": [info]})
        self._run(node.fragment)

    def _run(self, fragment: str = "") -> None:
        """Ask for a run, and wait until it has ended and its pictures are here."""
        state = ClientState(
            query_string=self._query,
            page_script_hash=self._page,
            fragment_id=fragment,
            widget_states={"widgets": list(self._states.values())},
            cached_message_hashes=list(self._remembered),
        )
        self._send(BackMsg(rerun_script=state))
        while not self._ended(self._receive()):
            pass
        for url in pictures(self.screen.nodes):
            if url not in self.fetched:
                self.fetched[url] = hashlib.sha256(self.line.request("GET", url)[1]).hexdigest()

    def _ended(self, message: ForwardMsg) -> bool:
        """Do what a message says; True when it says that the run has ended."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._told = message.new_session
            self._session, self._page = self._told.initialize.session_id, self._told.page_script_hash
            self.screen.begin(message.metadata.run)
        elif kind == "navigation":
            self._pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind in ("delta", "ref_hash"):
            self.screen.put(self._whole(message))
        elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
            raise Trouble(message.session_event.script_compilation_exception.message)
        elif kind == "script_finished" and message.script_finished in ENDS:
            self.screen.finish()
            if not self.screen.fragments:
                self._forget_widgets()
                self._forget_messages()
            return True
        return False

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        """The message itself, or the one that it stands for, at its own place."""
        if message.WhichOneof("type") == "ref_hash":
            known, _ = self._remembered[message.ref_hash]
            self._remembered[message.ref_hash] = known, self._runs
            return ForwardMsg(delta=known.delta, metadata=message.metadata)
        if message.metadata.cacheable:
            self._remembered[message.hash] = message, self._runs
        return message

    def _forget_messages(self) -> None:
        """Keep those that one of the last runs of the whole script used."""
        self._runs += 1
        oldest = self._runs - self._told.config.max_cached_message_age
        self._remembered = {key: each for key, each in self._remembered.items() if each[1] >= oldest}

    def _forget_widgets(self) -> None:
        """Keep the state of those that are on the screen."""
        there = {node.id for node in self.screen.nodes.values()}
        self._states = {key: state for key, state in self._states.items() if key in there}

    def _send(self, message: BackMsg) -> None:
        self.line.send(message.SerializeToString())

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self.line.receive())
        return message
