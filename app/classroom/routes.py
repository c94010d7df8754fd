"""The addresses that phones call: a small page, and the stream and the votes of a class; and who is there."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.classroom.phones import JOINS, Phones
from app.classroom.records import ClassError
from app.classroom.store import Store

PAGE = Path(__file__).with_name("phone.html")
MOST_BYTES = 2000  # of a request
PHOTO_BYTES = 500_000  # a phone makes it smaller before it sends it
Answer = Callable[[Request], Awaitable[Response]]


def routes(phones: Phones, store: Store) -> list[Route]:
    """The routes of a server."""

    @_answered
    async def join(request: Request) -> Response:
        code = request.path_params["code"].upper()
        client = request.client.host if request.client else ""
        phones.hold(f"join {client}", JOINS, 60.0)
        data = await _json(request)
        student = await run_in_threadpool(store.join, code, str(data.get("student", "")))
        return JSONResponse({"student": student, "code": code})

    @_answered
    async def vote(request: Request) -> Response:
        code, data = request.path_params["code"].upper(), await _json(request)
        student = str(data.get("student", ""))
        try:
            step, number, guess = (int(str(data[name])) for name in ("step", "round", "guess"))
        except (KeyError, ValueError):
            raise ClassError("A vote has a step, a round and a guess.") from None
        await run_in_threadpool(phones.vote, code, student, step, number, guess)
        return JSONResponse({"counted": guess})

    @_answered
    async def photo(request: Request) -> Response:
        code, student = request.path_params["code"].upper(), request.query_params.get("student", "")
        await run_in_threadpool(phones.photo, code, student, await _body(request, PHOTO_BYTES))
        return JSONResponse({"sent": True})

    @_answered
    async def stream(request: Request) -> Response:
        code = request.path_params["code"].upper()
        student = request.query_params.get("student", "")
        await run_in_threadpool(phones.admit, code, student)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(phones.stream(code, student), media_type="text/event-stream", headers=headers)

    @_answered
    async def presence(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(phones.presence, request.path_params["code"].upper()))

    async def page(_request: Request) -> Response:
        return HTMLResponse(PAGE.read_text(encoding="utf-8"), headers={"Cache-Control": "no-cache"})

    return [
        Route("/join", page),
        Route("/class/{code}/join", join, methods=["POST"]),
        Route("/class/{code}/vote", vote, methods=["POST"]),
        Route("/class/{code}/photo", photo, methods=["POST"]),
        Route("/class/{code}/stream", stream),
        Route("/class/{code}/presence", presence),
    ]


def _answered(answer: Answer) -> Answer:
    """Errors of a class become a sentence for the phone."""

    @wraps(answer)
    async def safe(request: Request) -> Response:
        try:
            return await answer(request)
        except ClassError as error:
            return JSONResponse({"says": str(error)}, status_code=409)

    return safe


async def _body(request: Request, most: int) -> bytes:
    """All of it. Raises `ClassError` for more than `most` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise ClassError("This is too long.")
    return body


async def _json(request: Request) -> dict[str, object]:
    """The body, a small object. Raises `ClassError`."""
    try:
        data = json.loads(await _body(request, MOST_BYTES) or b"{}")
    except ValueError:
        raise ClassError("This is not JSON.") from None
    if not isinstance(data, dict):
        raise ClassError("This is not a vote.")
    return data
