"""One request and its answer: address, key, time limits, errors, and sending it again."""

import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Literal, Protocol, TypeVar

import httpx

from ._version import __version__
from .answers import parse
from .errors import KINDS, HebbError, ServiceError, UnreachableError
from .images import Body

T = TypeVar("T")

_FIRST_PAUSE: Final = 0.5
"""Seconds before the second attempt; twice as long before each further one."""
_MAX_LINE: Final = 1_000_000
"""Longest line that is read, bytes: a thousand predictions have a tenth of that."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When requests that may be repeated are sent again."""

    attempts: int = 3
    """How often a request is sent in all, 1 for once."""
    patience: float = 10.0
    """The longest `Retry-After` that is waited for, seconds."""
    random: Callable[[], float] = random.random
    """0 to 1, so that clients do not come in step."""

    def pause(self, error: HebbError, attempt: int) -> float | None:
        """Seconds until the next attempt; None when there is none.

        :param attempt: how often the request was sent, from 1
        """
        own = _FIRST_PAUSE * 2.0 ** (attempt - 1) * (0.5 + self.random())
        if isinstance(error, ServiceError):
            pause = None if error.retry_after is None else max(error.retry_after, own)
        else:
            pause = own
        if pause is None or pause > self.patience or attempt >= self.attempts:
            return None
        return pause


@dataclass(frozen=True, slots=True)
class Ask:
    """A request."""

    path: str
    method: Literal["GET", "POST", "DELETE"] = "GET"
    query: Mapping[str, str | int | float | None] = field(default_factory=dict)
    """What is None is left out."""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    """What is None is left out."""
    body: Body | None = None
    repeatable: bool = True
    """Whether sending it twice does no harm."""


class Network(Protocol):
    """What the two kinds of clients do differently. The blocking one never suspends."""

    async def send(
        self, ask: Ask, url: httpx.URL, headers: Mapping[str, str], timeout: float
    ) -> httpx.Response:
        """The answer as soon as it begins."""

    async def read(self, response: httpx.Response) -> None:
        """Reads the rest of an answer."""

    def pieces(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """An answer as it comes."""

    async def release(self, response: httpx.Response) -> None:
        """Ends an answer, at the service too."""

    async def sleep(self, seconds: float) -> None: ...

    async def close(self) -> None: ...


class Transport:
    """Sends requests to one service."""

    def __init__(
        self, edge: str, *, key: str | None, timeout: float, retry: Retry, network: Network
    ) -> None:
        url = httpx.URL(edge)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"{edge} is no address: write https://hebb.example.com")
        self.edge: Final = edge
        self.network: Final = network
        self._url: Final = url
        self._key: Final = key
        self._timeout: Final = timeout
        self._retry: Final = retry

    async def response(self, ask: Ask) -> httpx.Response:
        """The answer, read to its end. Raises `HebbError`."""

        async def read(response: httpx.Response) -> httpx.Response:
            await self.network.read(response)
            return response

        return await self._ask(ask, read)

    async def get(self, kind: type[T], ask: Ask) -> T:
        """The JSON of the answer. Raises `HebbError`."""

        async def read(response: httpx.Response) -> T:
            await self.network.read(response)
            try:
                return parse(kind, response.json())
            except ValueError as error:
                raise self._not_hebb("answers with what is no JSON of the API") from error

        return await self._ask(ask, read)

    @asynccontextmanager
    async def lines(self, ask: Ask) -> AsyncIterator[AsyncIterator[dict[str, object]]]:
        """The objects of an NDJSON answer as they come. Leaving the context ends the answer."""

        async def begun(response: httpx.Response) -> httpx.Response:
            return response

        response = await self._ask(ask, begun)
        try:
            async with aclosing(self._lines(response)) as lines:
                yield lines
        finally:
            await self.network.release(response)

    def broken_off(self) -> UnreachableError:
        return UnreachableError(f"The answer of {self.edge} broke off.", "Send the request again.")

    async def _lines(self, response: httpx.Response) -> AsyncGenerator[dict[str, object], None]:
        rest = b""
        try:
            async with aclosing(self.network.pieces(response)) as pieces:
                async for piece in pieces:
                    whole, _, rest = (rest + piece).rpartition(b"\n")
                    for line in objects(whole):
                        yield line
                    if len(rest) > _MAX_LINE:
                        raise ValueError(f"A line is longer than {_MAX_LINE} bytes.")
            for line in objects(rest):
                yield line
        except (httpx.RequestError, ValueError) as error:
            raise self.broken_off() from error

    async def _ask(self, ask: Ask, read: Callable[[httpx.Response], Awaitable[T]]) -> T:
        for attempt in count(1):
            try:
                return await self._ask_once(ask, read)
            except HebbError as error:
                pause = self._retry.pause(error, attempt) if ask.repeatable else None
                if pause is None:
                    raise
            await self.network.sleep(pause)
        raise AssertionError  # count() does not end

    async def _ask_once(self, ask: Ask, read: Callable[[httpx.Response], Awaitable[T]]) -> T:
        url = self._url.join(ask.path).copy_merge_params(
            {name: _text(value) for name, value in ask.query.items() if value is not None}
        )
        headers = {name: value for name, value in ask.headers.items() if value is not None}
        headers["User-Agent"] = f"hebb-client-python/{__version__}"
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            response = await self.network.send(ask, url, headers, self._timeout)
            try:
                if not response.is_success:
                    await self.network.read(response)
                    raise self._error(response)
                return await read(response)
            except BaseException:
                await self.network.release(response)
                raise
        except httpx.WriteTimeout as error:
            # httpx reads nothing before all is sent, and the service stops reading when megabytes
            # of its answer are not taken.
            message = f"{self.edge} took nothing more of the request for {self._timeout} s."
            hint = "Send fewer images at once, or ask for fewer predictions of each."
            raise UnreachableError(message, hint) from error
        except httpx.RequestError as error:
            raise UnreachableError(f"{self.edge} does not answer: {error!r}.") from error

    def _error(self, response: httpx.Response) -> HebbError:
        try:
            return service_error(response.json(), response)
        except ValueError:
            where = response.headers.get("location")
            hint = None if where is None else f"It redirects to {where}: give that address."
            return self._not_hebb(f"answers {response.status_code}", hint)

    def _not_hebb(self, what: str, hint: str | None = None) -> UnreachableError:
        message = f"{self.edge} {what}, as no Worker of Hebb would."
        return UnreachableError(message) if hint is None else UnreachableError(message, hint)


def service_error(body: object, response: httpx.Response | None = None) -> ServiceError:
    """The error in the JSON of an answer, or of a line. Raises `ValueError` when there is none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        raise ValueError("This is no error of Hebb.")
    code: str = error["code"]
    headers: Mapping[str, str] = {} if response is None else response.headers
    kind, status = KINDS.get(code, (ServiceError, response.status_code if response else 500))
    seconds = headers.get("retry-after", "")
    return kind(
        code,
        str(error.get("message", "")),
        str(error.get("hint", "")),
        status,
        headers.get("x-request-id"),
        float(seconds) if seconds.isascii() and seconds.isdigit() else None,
    )


def objects(ndjson: bytes) -> list[dict[str, object]]:
    """Its lines. Raises `ValueError` where one is no object."""
    return [_object(line) for line in ndjson.split(b"\n") if line.strip()]


def _object(line: bytes) -> dict[str, object]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("A line is no object.")
    return value


def _text(value: str | int | float) -> str:
    # Never 1e-05, which the service does not read.
    return f"{value:.9f}" if isinstance(value, float) else str(value)
