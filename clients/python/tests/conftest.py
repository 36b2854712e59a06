"""The tests run against a Worker: `HEBB_URL` says where it is.

It serves the built-in model on this machine. Further variables give what some tests need:
`HEBB_SAMPLES` is a folder with photographs, `HEBB_CLASSIFY_KEY` a key that may only classify,
`HEBB_IMAGE_URL` an image that the Worker may fetch, which is its sample sunflower.jpg.
`npm test -- shared/client/python.test.ts` starts such a Worker.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from inspect import isasyncgen, iscoroutine
from pathlib import Path
from typing import Any, cast

import pytest
from hebb_client import AsyncClient, Client


def variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: run npm test -- shared/client/python.test.ts")
    return value


@pytest.fixture(scope="session")
def url() -> str:
    return variable("HEBB_URL")


@pytest.fixture(scope="session")
def samples() -> Path:
    return Path(variable("HEBB_SAMPLES"))


@pytest.fixture(scope="session")
def sunflower(samples: Path) -> Path:
    return samples / "sunflower.jpg"


@pytest.fixture(scope="session")
def daisy(samples: Path) -> Path:
    return samples / "daisy.jpg"


class InLoop:
    """An `AsyncClient` with the methods of a `Client`, so that one test is of both."""

    def __init__(self, client: object, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name == "jobs":
            return InLoop(member, self._loop)

        def call(*args: object, **kwargs: object) -> Any:
            result = member(*args, **kwargs)
            if iscoroutine(result):
                return self._loop.run_until_complete(result)
            assert isasyncgen(result)
            return self._each(result)

        return call

    def _each(self, values: AsyncIterator[Any]) -> Iterator[Any]:
        generator = cast(Any, values)
        try:
            while True:
                try:
                    value = self._loop.run_until_complete(generator.__anext__())
                except StopAsyncIteration:
                    return
                yield value
        finally:
            self._loop.run_until_complete(generator.aclose())


class MakeClient:
    """Makes clients of one kind."""

    def __init__(self, kind: str, loop: asyncio.AbstractEventLoop) -> None:
        self._kind = kind
        self._loop = loop
        self._open: list[Client] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Client:
        if self._kind == "Client":
            client = Client(*args, **kwargs)
            self._open.append(client)
            return client
        made = cast(Client, InLoop(AsyncClient(*args, **kwargs), self._loop))
        self._open.append(made)
        return made

    def close(self) -> None:
        for client in self._open:
            if isinstance(client, InLoop):
                client.aclose()
            else:
                client.close()


async def end_others() -> None:
    """As asyncio.run does: httpx leaves generators to the loop when an answer is not read whole."""
    await asyncio.get_running_loop().shutdown_asyncgens()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if others:
        await asyncio.wait(others)


@pytest.fixture(params=["Client", "AsyncClient"])
def make(request: pytest.FixtureRequest) -> Iterator[MakeClient]:
    loop = asyncio.new_event_loop()
    clients = MakeClient(request.param, loop)
    yield clients
    clients.close()
    loop.run_until_complete(end_others())
    loop.close()


@pytest.fixture
def hebb(make: MakeClient, url: str) -> Client:
    """A client of the Worker; every test that takes it runs with both kinds."""
    return make(url)
