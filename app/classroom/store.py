"""Classes and their votes in one small SQLite file, so that a server that is started again goes on where it was.

There are no names in it: a student is a random word. A class is deleted when it ends, or after a day.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.classroom.records import Class, ClassError, Outcome, Round

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like digits
LENGTH = 4  # of a code
DAY = 24 * 3600.0  # seconds
MOST_STUDENTS = 1000  # of a class
FIRST, SECOND = 1, 2  # votes: one before the discussion, one after it
WHERE = "RESNET_EXPLORER_CLASSES"  # the variable that says where the file is
SCHEMA = """
create table if not exists classes (code text primary key, secret text, lesson text, step int, made real);
create table if not exists rounds (code text, step int, round int, open int, shown int,
                                   primary key (code, step, round));
create table if not exists outcomes (code text, step int, place int, said text, primary key (code, step));
create table if not exists students (code text, student text, primary key (code, student));
create table if not exists votes (code text, step int, round int, student text, guess int,
                                  primary key (code, step, round, student));
"""
NEW_ROUND = "insert or ignore into rounds (code, step, round, open, shown) values (?, ?, ?, true, false)"
TABLES = ("classes", "rounds", "outcomes", "students", "votes")


class Store:
    """All classes of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def usual(cls) -> Store:
        """The file that the variable names, or one in the user's folder for what can be lost."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(Path(os.environ.get(WHERE) or cache / "resnet-explorer" / "classes.sqlite"))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection of this thread, in one transaction."""
        new = not self._path.exists()
        if new:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            if new:
                self._path.chmod(0o600)
                connection.execute("pragma journal_mode=wal")
                connection.executescript(SCHEMA)
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        finally:
            connection.close()

    def create(self, lesson: str) -> tuple[str, str]:
        """A new class: its code for students, and the secret of its teacher. Classes of yesterday are deleted."""
        secret = secrets.token_urlsafe(16)
        with self._open() as connection:
            old = connection.execute("select code from classes where made < ?", (time.time() - DAY,)).fetchall()
            for (code,) in old:
                _delete(connection, code)
            taken = {code for (code,) in connection.execute("select code from classes")}
            code = next(code for code in iter(_code, None) if code not in taken)
            connection.execute("insert into classes values (?, ?, ?, 0, ?)", (code, _hash(secret), lesson, time.time()))
        return code, secret

    def teaches(self, code: str, secret: str) -> bool:
        """Whether this is the secret of the class."""
        with self._open() as connection:
            row = connection.execute("select secret from classes where code = ?", (code,)).fetchone()
        return row is not None and hmac.compare_digest(row[0], _hash(secret))

    def find(self, code: str, step: int | None = None) -> Class:
        """A class where it is, or as it was at an earlier step. Raises `ClassError` if there is no such class."""
        with self._open() as connection:
            return _find(connection, code, step)

    def end(self, code: str) -> None:
        """Delete a class and its votes."""
        with self._open() as connection:
            _delete(connection, code)
            left = connection.execute("select count(*) from classes").fetchone()[0]
        if not left:
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    def go(self, code: str, step: int, *, asks: bool) -> None:
        """The class is at this step; its first vote opens if the step `asks` and was not there before."""
        with self._open() as connection:
            connection.execute("update classes set step = ? where code = ?", (step, code))
            if asks:
                connection.execute(NEW_ROUND, (code, step, FIRST))

    def show(self, code: str) -> None:
        """Close the vote and show it."""
        with self._open() as connection:
            _close(connection, code, _find(connection, code).step, shown=True)

    def vote_again(self, code: str) -> None:
        """Close the first vote, hide it, and open the second."""
        with self._open() as connection:
            step = _find(connection, code).step
            _close(connection, code, step, shown=False)
            connection.execute(NEW_ROUND, (code, step, SECOND))

    def reveal(self, code: str, step: int, outcome: Outcome) -> None:
        """Close the votes of a step, show them, and say what was measured."""
        with self._open() as connection:
            _close(connection, code, step, shown=True)
            row = (code, step, outcome.place, outcome.said)
            connection.execute("insert or replace into outcomes values (?, ?, ?, ?)", row)

    def join(self, code: str, student: str = "") -> str:
        """A student of the class: one that is known, or a new one. Raises `ClassError`."""
        with self._open() as connection:
            _find(connection, code)
            if _knows(connection, code, student):
                return student
            students = connection.execute("select count(*) from students where code = ?", (code,)).fetchone()[0]
            if students >= MOST_STUDENTS:
                raise ClassError("This class is full.")
            new = secrets.token_urlsafe(9)
            connection.execute("insert into students values (?, ?)", (code, new))
        return new

    def knows(self, code: str, student: str) -> bool:
        """Whether this student has joined."""
        with self._open() as connection:
            return _knows(connection, code, student)

    def vote(self, code: str, student: str, step: int, number: int, guess: int) -> None:
        """Count one guess of a student, in place of an earlier one. Raises `ClassError`."""
        with self._open() as connection:
            found = _find(connection, code)
            if not _knows(connection, code, student):
                raise ClassError("Join the class first.")
            if found.step != step or not any(each.number == number and each.open for each in found.rounds):
                raise ClassError("This vote is closed.")
            row = (code, step, number, student, guess)
            connection.execute("insert or replace into votes values (?, ?, ?, ?, ?)", row)

    def counts(self, code: str, step: int, number: int, guesses: int) -> list[int]:
        """How many have each guess."""
        with self._open() as connection:
            found = dict(
                connection.execute(
                    "select guess, count(*) from votes where code = ? and step = ? and round = ? group by guess",
                    (code, step, number),
                ).fetchall()
            )
        return [found.get(guess, 0) for guess in range(guesses)]

    def votes_of(self, code: str, student: str) -> list[tuple[int, int, int]]:
        """What a student has guessed: step, round, guess."""
        with self._open() as connection:
            return connection.execute(
                "select step, round, guess from votes where code = ? and student = ? order by step, round",
                (code, student),
            ).fetchall()

    def table(self, code: str) -> list[tuple[int, int, int, int]]:
        """All votes: step, round, guess, how many."""
        with self._open() as connection:
            return connection.execute(
                "select step, round, guess, count(*) from votes where code = ? group by step, round, guess", (code,)
            ).fetchall()


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _knows(connection: sqlite3.Connection, code: str, student: str) -> bool:
    known = connection.execute("select 1 from students where code = ? and student = ?", (code, student))
    return known.fetchone() is not None


def _find(connection: sqlite3.Connection, code: str, step: int | None = None) -> Class:
    row = connection.execute("select lesson, step from classes where code = ?", (code,)).fetchone()
    if row is None:
        raise ClassError(f"There is no class {code} here. Look at the code on the screen again.")
    lesson, now = row
    step = now if step is None else step
    at = (code, step)
    rounds = connection.execute("select round, open, shown from rounds where code = ? and step = ? order by round", at)
    told = connection.execute("select place, said from outcomes where code = ? and step = ?", at).fetchone()
    return Class(
        code,
        lesson,
        step,
        tuple(Round(number, bool(is_open), bool(shown)) for number, is_open, shown in rounds),
        None if told is None else Outcome(*told),
    )


def _close(connection: sqlite3.Connection, code: str, step: int, *, shown: bool) -> None:
    """No more guesses at a step; its votes are shown, or not yet."""
    connection.execute("update rounds set open = false, shown = ? where code = ? and step = ?", (shown, code, step))


def _delete(connection: sqlite3.Connection, code: str) -> None:
    for table in TABLES:
        connection.execute(f"delete from {table} where code = ?", (code,))  # noqa: S608
