"""The calls of the API, written once; `_clients` gives them to both kinds of clients."""

import uuid
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote

from ._transport import Ask, Transport, objects, service_error
from .answers import (
    Classification,
    Engine,
    Health,
    JobList,
    JobState,
    JobStatus,
    Line,
    ModelList,
    Readiness,
    TierWish,
    parse_line,
)
from .errors import UnreachableError
from .images import Image, NamedImage, many_images, one_image

_PATIENCE: Final = 30
"""How often in a row the service may give no answer while a job is followed: it restarts, say."""


class Caller:
    """What the calls need."""

    _transport: Transport


@dataclass(frozen=True, slots=True)
class JobResults:
    """Results that are there."""

    lines: tuple[Line, ...]
    """Line n of the job is image n; these are those from the offset on."""
    next: int
    """The offset of the next ones."""
    state: JobState


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """What is new of a job."""

    status: JobStatus
    lines: tuple[Line, ...]
    """Those that have come since the update before, each once, in order."""
    next: int
    """Where another reader would go on: the offset after the last of `lines`."""


async def classify(
    self: Caller,
    image: Image,
    *,
    top: int | None = None,
    engine: Engine | None = None,
    tier: TierWish | None = None,
    escalate_below: float | None = None,
    deadline_ms: int | None = None,
    cache: bool = True,
) -> Classification:
    """What is in an image.

    :param image: encoded bytes, the path of a file, or an `ImageUrl`; 20 MB at most
    :param top: how many predictions; 5 without it
    :param engine: what the edge computes with
    :param tier: who answers; the service decides without it
    :param escalate_below: 0 to 1: an int8 answer whose best score is lower is asked again in full
        precision
    :param deadline_ms: by when the whole answer is wanted, ms from now
    :param cache: False computes the answer even if the cache has it
    """
    query = _questions(top, engine, tier, escalate_below) | {"deadline_ms": deadline_ms}
    return await self._transport.get(
        Classification,
        Ask("/v1/classify", "POST", query, _cache_header(cache), one_image(image)),
    )


async def batch(
    self: Caller,
    images: Iterable[NamedImage],
    *,
    top: int | None = None,
    engine: Engine | None = None,
    tier: TierWish | None = None,
    escalate_below: float | None = None,
    deadline_ms: int | None = None,
    cache: bool = True,
    idempotency_key: str | None = None,
) -> AsyncGenerator[Line, None]:
    """A line for each of up to 500 images, in their order, as soon as each is there.

    What is wrong with one image is its line; what ends the batch is raised. Closing the iterator
    ends the work. The parameters are those of `classify`, and:

    :param images: images, or `(name, image)`; all of them `ImageUrl`, or none
    :param idempotency_key: with it a batch that broke off can be sent again, and is answered from
        what was kept; 1 to 255 characters
    """
    many = list(images)
    query = _questions(top, engine, tier, escalate_below) | {"deadline_ms": deadline_ms}
    headers = _cache_header(cache) | {"Idempotency-Key": idempotency_key}
    ask = Ask("/v1/batch", "POST", query, headers, many_images(many))
    count = 0
    async with self._transport.lines(ask) as lines:
        async for line in lines:
            try:
                if "index" not in line:
                    raise service_error(line)
                parsed = parse_line(line)
            except ValueError as error:
                raise self._transport.broken_off() from error
            count += 1
            yield parsed
    if count < len(many):
        raise self._transport.broken_off()


async def models(self: Caller) -> ModelList:
    """What is served."""
    return await self._transport.get(ModelList, Ask("/v1/models"))


async def health(self: Caller) -> Health:
    """Whether the Worker answers."""
    return await self._transport.get(Health, Ask("/healthz"))


async def ready(self: Caller) -> Readiness:
    """A model is loaded and an image went through it; raises `model_unavailable` until then."""
    return await self._transport.get(Readiness, Ask("/readyz"))


async def create_job(
    self: Caller,
    images: Iterable[NamedImage],
    *,
    top: int | None = None,
    engine: Engine | None = None,
    tier: TierWish | None = None,
    escalate_below: float | None = None,
    webhook: str | None = None,
    idempotency_key: str | None = None,
) -> JobStatus:
    """Stores up to 2000 images; returns when all are stored.

    :param webhook: a URL that is called when the job has ended
    :param idempotency_key: the same key gives the same job; a new one is made without it
    """
    query = _questions(top, engine, tier, escalate_below) | {"webhook": webhook}
    headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
    ask = Ask("/v1/jobs", "POST", query, headers, many_images(images))
    return await self._transport.get(JobStatus, ask)


async def list_jobs(
    self: Caller, *, limit: int | None = None, after: str | None = None
) -> JobList:
    """The caller's jobs, newest first; all jobs with a key for admin.

    :param limit: how many, 1 to 100; 20 without it
    :param after: `next` of the page before
    """
    return await self._transport.get(JobList, Ask("/v1/jobs", query={"limit": limit, "after": after}))


async def show_job(self: Caller, id: str) -> JobStatus:
    """State, counts and progress of a job."""
    return await self._transport.get(JobStatus, Ask(_job(id)))


async def job_results(self: Caller, id: str, *, offset: int = 0) -> JobResults:
    """The results that are there, from line `offset` on."""
    ask = Ask(f"{_job(id)}/results", query={"offset": offset})
    response = await self._transport.response(ask)
    try:
        lines = tuple(parse_line(line) for line in objects(response.content))
        next_offset = int(response.headers["x-hebb-next-offset"])
        state = cast(JobState, response.headers["x-hebb-job-state"])
    except (KeyError, ValueError) as error:
        raise self._transport.broken_off() from error
    if offset + len(lines) != next_offset:
        raise self._transport.broken_off()
    return JobResults(lines, next_offset, state)


async def follow_job(
    self: Caller, id: str, *, offset: int | None = None, interval: float = 1.0
) -> AsyncGenerator[JobUpdate, None]:
    """What is new of a job, until it has ended. Waits for a service that restarts.

    :param offset: results from this line on come along; none without it
    :param interval: seconds between two questions
    """
    missed = 0
    while True:
        try:
            status = await show_job(self, id)
            lines: tuple[Line, ...] = ()
            if offset is not None:
                results = await job_results(self, id, offset=offset)
                lines, offset = results.lines, results.next
        except UnreachableError:
            missed += 1
            if missed > _PATIENCE:
                raise
        else:
            missed = 0
            yield JobUpdate(status, lines, offset or 0)
            if status.has_ended:
                return
        await self._transport.network.sleep(interval)


async def replay_job(self: Caller, id: str) -> JobStatus:
    """Tries again what kept failing. Sent once, whatever happens."""
    return await self._transport.get(JobStatus, Ask(f"{_job(id)}/replay", "POST", repeatable=False))


async def delete_job(self: Caller, id: str) -> None:
    """Ends the work of a job, and deletes its images and results. Sent once, whatever happens."""
    await self._transport.response(Ask(_job(id), "DELETE", repeatable=False))


def _questions(
    top: int | None, engine: Engine | None, tier: TierWish | None, escalate_below: float | None
) -> dict[str, str | int | float | None]:
    return {"top": top, "engine": engine, "tier": tier, "escalate_below": escalate_below}


def _cache_header(cache: bool) -> dict[str, str | None]:
    return {"Cache-Control": None if cache else "no-cache"}


def _job(id: str) -> str:
    return f"/v1/jobs/{quote(id, safe='')}"
