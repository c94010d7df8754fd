"""Which core of a cluster does what: pieces of work are given out, looked after, and done again where a core dies."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from resnet_core.pool._core import Core
from resnet_core.pool._packing import Label

TRIES = 5  # cores that may die of one piece of work
LOOK_EVERY = 0.15  # seconds between two looks at what a core has done
NOBODY = 30.0  # seconds with work and nobody to do it
IDLE_LOOK = 2.0  # seconds between two looks at whether an idle core is still there
LOOKS = 2000  # a second, of all cores together
CONTENTS = 120 * 2**20  # bytes in the object store of things that many pieces share


class Gone(Exception):
    """No work can be done any more; says why in one sentence."""


@dataclass(eq=False)
class Piece:
    """A piece of work; `call` is the pickled (function, task)."""

    number: int
    call: bytes
    labels: list[Label]
    tries: int = 0


@dataclass(eq=False)
class Hand:
    """An actor and what it does."""

    actor: Any
    piece: Piece | None = None
    ready: bool = False
    looked_at: bool = False
    last_look: float = 0.0


@dataclass(eq=False)
class Dispatcher:
    """The pieces that wait, and the hands that work. `inbox` gets the ends of Ray's calls; `tell` reaches the pool."""

    inbox: SimpleQueue[tuple[Any, ...]]
    tell: Callable[..., None]
    versions: dict[str, str]
    cores: int
    hands: list[Hand] = field(default_factory=list)
    waiting: deque[Piece] = field(default_factory=deque)
    lacking: dict[str, list[Piece]] = field(default_factory=dict)  # pieces that wait for the bytes of a thing
    contents: OrderedDict[str, tuple[Any, int]] = field(default_factory=OrderedDict)
    next_look: float = 0.0
    last_seen: float = field(default_factory=time.monotonic)  # when there was a hand, or no need of one
    deaths: int = 0  # of hands, one after the other, before they could work

    def __post_init__(self) -> None:
        self.node = ray.get_runtime_context().get_node_id()
        self.make = ray.remote(num_cpus=1, max_restarts=0, concurrency_groups={"control": 2})(Core)
        for _ in range(self.cores or int(ray.cluster_resources().get("CPU", 1))):
            self._hire()

    def handle(self, message: tuple[Any, ...]) -> None:
        """Do what a message says."""
        what, *rest = message
        getattr(self, f"_on_{what}")(*rest)
        self._give_out()

    def _on_piece(self, number: int, call: bytes, labels: list[Label]) -> None:
        self.waiting.append(Piece(number, call, labels))

    def _on_cancel(self, number: int) -> None:
        self.waiting = deque(piece for piece in self.waiting if piece.number != number)
        for pieces in self.lacking.values():
            pieces[:] = [piece for piece in pieces if piece.number != number]
        for hand in self.hands:
            if hand.piece is not None and hand.piece.number == number:
                hand.actor.stop.options(concurrency_group="control").remote(number)

    def _on_content(self, digest: str, content: bytes | None) -> None:
        pieces = self.lacking.pop(digest, [])
        if content is None:
            return
        try:
            self.contents[digest] = ray.put(content), len(content)
        except RayError as error:
            for piece in pieces:
                self.tell("sentence", piece.number, f"The cluster's object store takes no more: {_first_line(error)}")
            return
        while sum(size for _, size in self.contents.values()) > CONTENTS and len(self.contents) > 1:
            self.contents.popitem(last=False)
        self.waiting.extendleft(reversed(pieces))

    def _on_hired(self, hand: Hand, ended: Any) -> None:
        error = ended.exception()
        if error is not None:
            self._bury(hand, error)
            return
        for what, mine in self.versions.items():
            if what != "processor" and ended.result()[what] != mine:
                raise Gone(
                    f"The cluster's machines run {what} {ended.result()[what]}, but this one {mine}: install the same "
                    "everywhere."
                )
        hand.ready, self.deaths = True, 0
        same = ended.result()["processor"] == self.versions["processor"]
        self._count(same)

    def _on_ended(self, hand: Hand, piece: Piece, ended: Any) -> None:
        if hand.piece is not piece:
            return
        hand.piece, error = None, ended.exception()
        if isinstance(error, RayActorError):
            self._bury(hand, error)
            piece.tries += 1
            if piece.tries < TRIES:
                self.tell("again", piece.number)
                self.waiting.appendleft(piece)
                return
            self.tell("sentence", piece.number, f"{TRIES} processes of the cluster died of the same work.")
        elif error is not None:
            self.tell("sentence", piece.number, f"The cluster could not do the work: {_first_line(error)}")
        else:
            kind, content = ended.result()
            if kind == "missing":
                self._ask_for(content.decode(), piece)
            else:
                self.tell(kind, piece.number, content)

    def _ask_for(self, digest: str, piece: Piece) -> None:
        self.contents.pop(digest, None)
        if digest not in self.lacking:
            self.tell("missing", digest)
        self.lacking.setdefault(digest, []).append(piece)

    def _on_looked(self, hand: Hand, ended: Any) -> None:
        hand.looked_at = False
        if hand.piece is None and isinstance(ended.exception(), RayActorError):
            self._bury(hand, ended.exception())
        elif hand.piece is not None and ended.exception() is None:
            number, done, total = ended.result()
            if number == hand.piece.number:
                self.tell("progress", number, done, total)

    def _hire(self) -> None:
        hand = Hand(self.make.remote())
        self.hands.append(hand)
        self._call("hired", hand, hand.actor.hello.remote())

    def _bury(self, hand: Hand, error: BaseException) -> None:
        """Take another actor for one that died."""
        if hand not in self.hands:
            return
        self.hands.remove(hand)
        ray.kill(hand.actor)
        if not hand.ready:
            self.deaths += 1
            if "No module named" in str(error):
                raise Gone(f"A machine of the cluster cannot do the work: {_last_line(error)}")
            if self.deaths > TRIES * max(1, len(self.hands)):
                raise Gone(f"The cluster starts no process that works: {_first_line(error)}")
        if any(node["NodeID"] == self.node and not node["Alive"] for node in ray.nodes()):
            raise Gone("The part of the cluster on this machine has ended.")
        self._hire()
        self._count()

    def _count(self, same_processor: bool = True) -> None:
        self.tell("ready", sum(each.ready for each in self.hands), len(self.hands), same_processor)

    def _give_out(self) -> None:
        for hand in self.hands:
            if not self.waiting:
                return
            if hand.ready and hand.piece is None:
                hand.piece = piece = self.waiting.popleft()
                known = {
                    label.digest: self.contents[label.digest][0]
                    for label in piece.labels
                    if label.digest in self.contents
                }
                self._call("ended", hand, piece, hand.actor.work.remote(piece.number, piece.call, piece.labels, known))

    def look(self) -> None:
        """Ask the hands at work how far they are, if it is time to. Raises `Gone` if there have been none for long."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + max(LOOK_EVERY, len(self.hands) / LOOKS)
        if any(hand.ready for hand in self.hands) or not self.waiting:
            self.last_seen = now
        if now - self.last_seen > NOBODY:
            raise Gone(f"No core of the cluster has been free for {NOBODY:.0f} seconds.")
        for hand in self.hands:
            if not hand.looked_at and (hand.piece is not None or hand.ready and now - hand.last_look > IDLE_LOOK):
                hand.looked_at, hand.last_look = True, now
                self._call("looked", hand, hand.actor.look.options(concurrency_group="control").remote())

    def _call(self, what: str, *about: Any) -> None:
        """Put the end of a call, the last of `about`, into the inbox."""
        *first, reference = about
        reference.future().add_done_callback(lambda ended: self.inbox.put((what, *first, ended)))


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:300]


def _last_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[-1][:300]
