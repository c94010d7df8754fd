"""Pickles that torch.save wrote -> dicts, lists, plain values and tensors, by a reader that builds nothing else.

A few bytes can make torch's reader take 2 GB (a `bytearray` of any length) or hold up every thread for years (a key of
tuples that hold one another twice, sixty deep). Here a key is a string or a whole number, nothing is made larger than
it is in the file, and the steps are counted.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterable
from typing import IO, Any

from resnet_core.weights._pickled_tensors import Name, Storage, storage, view

MOST_STEPS = 1_000_000  # of all pickles of a file; ResNet-1202 with its optimizer's state takes 0.4 million
MOST_ARGUMENTS = 8  # of a call; those of a tensor are the most

CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
CONTAINERS = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_SET": list}  # a set would hash what a stranger puts there
VALUES = (  # steps that give their argument
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "SHORT_BINSTRING"),
    *("BINBYTES", "SHORT_BINBYTES", "BYTEARRAY8"),
)
DICTS = ("collections.OrderedDict", "collections.Counter")
IGNORED = (  # what else stands beside tensors in a training script's file; None is read in its place
    *("torch.Size", "torch.device", "_codecs.encode", "builtins.bytearray", "builtins.complex", "builtins.set"),
    *("__builtin__.bytearray", "__builtin__.complex", "__builtin__.set"),
)
VIEWS = tuple(f"torch._utils._rebuild_{kind}" for kind in ("tensor", "tensor_v2", "tensor_v3", "parameter"))
MOST_KEY = 2**60  # of a whole number as a key; larger ones can be chosen so that a table takes hours to fill


class ForbiddenError(Exception):
    """The pickle asks for something other than a tensor to be run or built; the message is its name."""


def read_pickles(file: IO[bytes], count: int) -> tuple[list[Any], dict[str, Storage]]:
    """The values of so many pickles from the file's position on, which moves to their end, and their storages by key.

    Tensors are a `View`. Raises `ForbiddenError` for a name that is not allowed, and any other `Exception` for bytes
    that are no pickle, or where all of them together take too many steps.
    """
    reader = _Reader()
    return [reader.read(file) for _ in range(count)], reader.storages


class _Reader:
    """The stack, its marks and the memo of one pickle; the storages of all, and how many steps they may still take."""

    def __init__(self) -> None:
        self.storages: dict[str, Storage] = {}
        self.left = MOST_STEPS

    def read(self, file: IO[bytes]) -> Any:
        """The value of the next one."""
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        for code, value, _ in pickletools.genops(file):
            self.work(1)
            self.take(code.name, value)
        return self.stack.pop()

    def work(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise ValueError("the pickle is too long")

    def take(self, code: str, value: Any) -> None:
        """One step: its name in `pickletools`, and its argument."""
        match code:
            case "PROTO" | "FRAME" | "STOP":
                pass
            case _ if code in VALUES:
                self.stack.append(value)
            case _ if code in CONSTANTS:
                self.stack.append(CONSTANTS[code])
            case _ if code in CONTAINERS:
                self.stack.append(CONTAINERS[code]())
            case "MARK":
                self.marks.append(len(self.stack))
            case "TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3":
                self.stack.append(tuple(self._top(int(code[5:]) if code[5:] else None)))
            case "APPEND" | "APPENDS" | "ADDITEMS":
                items = self._top(1 if code == "APPEND" else None)
                self._last(list).extend(items)
            case "SETITEM" | "SETITEMS":
                items = self._top(2 if code == "SETITEM" else None)
                _put(self._last(dict), zip(items[::2], items[1::2], strict=True))
            case "BINPUT" | "LONG_BINPUT":
                self.memo[value] = self.stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.stack[-1]
            case "BINGET" | "LONG_BINGET":
                self.stack.append(self.memo[value])
            case _:
                self._make(code, value)

    def _make(self, code: str, value: Any) -> None:
        """A step that names something, or asks for it to be made."""
        match code:
            case "GLOBAL" | "STACK_GLOBAL":
                value = value or " ".join(self._top(2))
                name = Name(value.replace(" ", "."))
                if not (value.isascii() and all(part.isidentifier() for part in name.path.split("."))):
                    raise ValueError("not a name")
                if name.dtype is None and name.path not in (*DICTS, *IGNORED, *VIEWS):
                    raise ForbiddenError(name.path)
                self.stack.append(name)
            case "REDUCE" | "NEWOBJ":
                name, arguments = self._top(2)
                self.stack.append(self._called(name.path, arguments))
            case "BINPERSID":
                stored = storage(*self.stack.pop())
                self.stack.append(self.storages.setdefault(stored.key, stored))
            case "BUILD":  # attributes, such as an OrderedDict's `_metadata`
                self.stack.pop()
                self._last(dict)
            case _:
                raise ValueError(f"torch.save writes no {code}")

    def _called(self, path: str, arguments: Any) -> Any:
        """What a call of the name would give."""
        if len(arguments) > MOST_ARGUMENTS:
            raise ValueError("a call with too many arguments")
        if path in DICTS:
            table: dict[Any, Any] = {}
            for pairs in arguments:  # one, or none for an empty dict
                self.work(len(pairs))
                _put(table, pairs.items() if isinstance(pairs, dict) else pairs)
            return table
        if path == "torch._utils._rebuild_parameter":
            return arguments[0]
        return view(*arguments) if path in VIEWS else None

    def _top(self, count: int | None) -> list[Any]:
        """Take the uppermost `count` values from the stack, or all above the last mark."""
        start = self.marks.pop() if count is None else len(self.stack) - count
        if start < 0:
            raise ValueError("the stack is empty")
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def _last(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise ValueError(f"not a {kind.__name__}")
        return self.stack[-1]


def _put(table: dict[Any, Any], pairs: Iterable[Any]) -> None:
    for key, value in pairs:
        if isinstance(key, str) or (isinstance(key, int) and abs(key) < MOST_KEY):  # no tensor has another one
            table[key] = value
