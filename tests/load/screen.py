"""What stands on a visitor's page, by the rules of Streamlit's front end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, RunIdentity

from tests.load.line import Trouble

Place = tuple[int, ...]  # where an element stands: the way to it through the containers


@dataclass(frozen=True, eq=False)
class Node:
    """One element or container, with the run, the fragment and the script that drew it."""

    drawn: Message
    run: str
    fragment: str
    script: str

    @property
    def kind(self) -> str:
        """What it is, such as `markdown`, `plotly_chart` or `vertical`."""
        return self.drawn.WhichOneof("type") or "container"

    @property
    def is_container(self) -> bool:
        """True for what holds others."""
        return self.drawn.DESCRIPTOR.name == "Block"

    @property
    def content(self) -> Any:
        """The message of its kind; of a container that is only a container, itself."""
        return getattr(self.drawn, self.kind, self.drawn)

    @property
    def id(self) -> str:
        """The name that the server gave a widget; "" for everything else."""
        return "" if self.is_container else getattr(self.content, "id", "")


@dataclass(eq=False)
class Screen:
    """What stands on the page. Follows the front end's rules for what a run leaves and what it drops."""

    nodes: dict[Place, Node] = field(default_factory=dict)
    run: str = ""
    fragments: frozenset[str] = frozenset()

    def begin(self, run: RunIdentity) -> None:
        """A run starts, of the whole script or of some fragments."""
        self.run, self.fragments = run.script_run_id, frozenset(run.fragment_ids)

    def put(self, message: ForwardMsg) -> None:
        """Draw an element or a container; a container of the same kind keeps what it holds."""
        delta: Delta = message.delta
        kind = delta.WhichOneof("type")
        if kind == "new_transient":  # a spinner: gone when the run ends
            return
        place = tuple(message.metadata.delta_path)
        new = Node(getattr(delta, kind), self.run, delta.fragment_id, message.metadata.active_script_hash)
        old = self.nodes.get(place)
        if old is not None and old.is_container and not (new.is_container and old.kind == new.kind):
            self.nodes = {other: node for other, node in self.nodes.items() if other[: len(place)] != place}
        self.nodes[place] = new

    def finish(self) -> None:
        """Drop what the run answers for and did not draw: everything, or what lies in the fragments that ran."""
        own = {p for p, node in self.nodes.items() if node.is_container and node.fragment in self.fragments}

        def lost(place: Place, node: Node) -> bool:
            if node.run == self.run:
                return False
            return (
                not self.fragments
                or node.fragment in self.fragments
                or any(place[:depth] in own for depth in range(1, len(place)))
            )

        self.nodes = {place: node for place, node in self.nodes.items() if not lost(place, node)}

    def keep_script(self, script: str) -> None:
        """Drop what other scripts than this one drew."""
        self.nodes = {place: node for place, node in self.nodes.items() if node.script == script}

    def widget(self, key: str) -> Node:
        """The widget with this key."""
        for node in self.nodes.values():
            if node.id.split("-", 2)[-1] == key:
                return node
        raise Trouble(f"the page has no widget {key!r}")


def pictures(nodes: Mapping[Place, Node]) -> list[str]:
    """The addresses of all pictures that stand on a page."""
    return [image.url for node in nodes.values() if node.kind == "imgs" for image in node.content.imgs]
