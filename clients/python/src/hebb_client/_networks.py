"""The two ways to wait: by blocking the thread, and by suspending a coroutine.

Everything above this file is written once, as coroutines. With a `BlockingNetwork` these never
suspend, so `run` gets their result in one step, without an event loop.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx

from ._transport import Ask

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


class BlockingNetwork:
    def __init__(self, http: httpx.Client | None) -> None:
        self._own = http is None
        self._http = httpx.Client() if http is None else http

    async def send(
        self, ask: Ask, url: httpx.URL, headers: Mapping[str, str], timeout: float
    ) -> httpx.Response:
        content = None if ask.body is None else ask.body.pieces()
        request = self._http.build_request(
            ask.method, url, headers=_headers(ask, headers), content=content, timeout=timeout
        )
        return self._http.send(request, stream=True, follow_redirects=False)

    async def read(self, response: httpx.Response) -> None:
        response.read()

    async def pieces(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        for piece in response.iter_bytes():
            yield piece

    async def release(self, response: httpx.Response) -> None:
        response.close()

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def close(self) -> None:
        if self._own:
            self._http.close()


class AsyncNetwork:
    def __init__(self, http: httpx.AsyncClient | None) -> None:
        self._own = http is None
        self._http = httpx.AsyncClient() if http is None else http

    async def send(
        self, ask: Ask, url: httpx.URL, headers: Mapping[str, str], timeout: float
    ) -> httpx.Response:
        content = None if ask.body is None else _from_threads(ask.body.pieces())
        request = self._http.build_request(
            ask.method, url, headers=_headers(ask, headers), content=content, timeout=timeout
        )
        return await self._http.send(request, stream=True, follow_redirects=False)

    async def read(self, response: httpx.Response) -> None:
        await response.aread()

    async def pieces(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        async for piece in response.aiter_bytes():
            yield piece

    async def release(self, response: httpx.Response) -> None:
        await response.aclose()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        if self._own:
            await self._http.aclose()


def _headers(ask: Ask, headers: Mapping[str, str]) -> dict[str, str]:
    if ask.body is None:
        return dict(headers)
    return {
        **headers,
        "Content-Type": ask.body.content_type,
        # Without it httpx sends an iterator in chunks, and the service could not refuse by size.
        "Content-Length": str(ask.body.length),
    }


async def _from_threads(pieces: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    """Reads files in threads, so that a slow disk does not hold up the event loop."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that does not suspend."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise AssertionError("A coroutine over a BlockingNetwork suspended.")


def blocking(
    call: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], T]:
    """The same call, which returns when it is done."""

    @wraps(call)
    def method(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(call(self, *args, **kwargs))

    return method


def blocking_iterator(
    call: Callable[Concatenate[S, P], AsyncGenerator[T, None]],
) -> Callable[Concatenate[S, P], Generator[T, None, None]]:
    """The same call, whose iterator blocks."""

    @wraps(call)
    def method(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        values = call(self, *args, **kwargs)
        try:
            while True:
                try:
                    value = run(values.__anext__())
                except StopAsyncIteration:
                    return
                yield value
        finally:
            run(values.aclose())

    return method
