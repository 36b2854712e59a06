"""The two clients: the same calls, once as coroutines and once blocking."""

from types import TracebackType
from typing import TypeVar

import httpx

from . import _calls as calls
from ._calls import Caller
from ._networks import AsyncNetwork, BlockingNetwork, blocking, blocking_iterator, run
from ._transport import Retry, Transport

A = TypeVar("A", bound="AsyncClient")
B = TypeVar("B", bound="Client")


class AsyncJobs(Caller):
    """Many images now, their results later: `client.jobs`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    create = calls.create_job
    list = calls.list_jobs
    show = calls.show_job
    results = calls.job_results
    follow = calls.follow_job
    replay = calls.replay_job
    delete = calls.delete_job
    cancel = calls.delete_job


class Jobs(Caller):
    """Many images now, their results later: `client.jobs`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    create = blocking(calls.create_job)
    list = blocking(calls.list_jobs)
    show = blocking(calls.show_job)
    results = blocking(calls.job_results)
    follow = blocking_iterator(calls.follow_job)
    replay = blocking(calls.replay_job)
    delete = blocking(calls.delete_job)
    cancel = blocking(calls.delete_job)


class AsyncClient(Caller):
    """A client for asyncio.

        async with AsyncClient("https://hebb.example.com", key=key) as hebb:
            answer = await hebb.classify("photo.jpg", top=3)
            async for line in hebb.batch(["a.jpg", "b.jpg"]):
                print(line.name)

    It takes the arguments of `Client`; `http` is a `httpx.AsyncClient`.
    """

    def __init__(
        self,
        edge: str,
        *,
        key: str | None = None,
        timeout: float = 60.0,
        retry: Retry = Retry(),
        http: httpx.AsyncClient | None = None,
    ) -> None:
        network = AsyncNetwork(http)
        self._transport = Transport(edge, key=key, timeout=timeout, retry=retry, network=network)
        self.jobs = AsyncJobs(self._transport)

    classify = calls.classify
    batch = calls.batch
    models = calls.models
    health = calls.health
    ready = calls.ready

    async def aclose(self) -> None:
        """Closes the connections, unless `http` was given."""
        await self._transport.network.close()

    async def __aenter__(self: A) -> A:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class Client(Caller):
    """A client that blocks. Several threads may share one.

        with Client("https://hebb.example.com", key=key) as hebb:
            answer = hebb.classify("photo.jpg", top=3)
            for line in hebb.batch(["a.jpg", "b.jpg"]):
                print(line.name)

    :param edge: where the Worker is
    :param key: an API key, where one is needed
    :param timeout: seconds that may pass without anything happening: while connecting, while
        sending, before the answer begins, and between its pieces
    :param retry: how often what may be repeated is sent
    :param http: a `httpx.Client` with other settings (proxies, certificates), which stays open
    """

    def __init__(
        self,
        edge: str,
        *,
        key: str | None = None,
        timeout: float = 60.0,
        retry: Retry = Retry(),
        http: httpx.Client | None = None,
    ) -> None:
        network = BlockingNetwork(http)
        self._transport = Transport(edge, key=key, timeout=timeout, retry=retry, network=network)
        self.jobs = Jobs(self._transport)

    classify = blocking(calls.classify)
    batch = blocking_iterator(calls.batch)
    models = blocking(calls.models)
    health = blocking(calls.health)
    ready = blocking(calls.ready)

    def close(self) -> None:
        """Closes the connections, unless `http` was given."""
        run(self._transport.network.close())

    def __enter__(self: B) -> B:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
