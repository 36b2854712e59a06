"""Many images now, their results later."""

from pathlib import Path

import pytest
from hebb_client import Client, FailedLine, Line, NamedImage, NotFoundError, RequestError
from test_batch import label_of


def test_a_job_is_made_followed_read_and_deleted(
    hebb: Client, sunflower: Path, daisy: Path
) -> None:
    images: list[NamedImage] = [sunflower, ("notes.txt", b"no image at all"), daisy]
    key = f"job of {id(hebb)}"
    made = hebb.jobs.create(images, top=1, idempotency_key=key)
    assert hebb.jobs.create(images, top=1, idempotency_key=key).id == made.id
    assert [made.images.total, made.options.top, made.options.tier] == [3, 1, "auto"]
    assert made.expires_at > made.created_at

    lines: list[Line] = []
    for update in hebb.jobs.follow(made.id, offset=0, interval=0.05):
        lines += update.lines
        assert update.next == len(lines)
    assert update.status.state == "completed" and update.status.has_ended
    assert update.status.ended_at is not None and update.status.ended_at >= made.created_at
    assert [label_of(line) for line in lines] == ["sunflowers", "unsupported_format", "daisy"]
    assert [line.name for line in lines] == ["sunflower.jpg", "notes.txt", "daisy.jpg"]

    rest = hebb.jobs.results(made.id, offset=2)
    assert [[line.index for line in rest.lines], rest.next, rest.state] == [[2], 3, "completed"]
    assert hebb.jobs.list(limit=1).jobs[0] == hebb.jobs.show(made.id)
    with pytest.raises(RequestError) as none:
        hebb.jobs.replay(made.id)
    assert none.value.code == "job_not_replayable"

    hebb.jobs.delete(made.id)
    with pytest.raises(NotFoundError) as gone:
        hebb.jobs.show(made.id)
    assert [gone.value.code, gone.value.status] == ["job_not_found", 404]


def test_every_job_is_its_own_without_a_key(hebb: Client) -> None:
    first, second = (hebb.jobs.create([b"x"]) for _ in range(2))
    assert first.id != second.id
    page = hebb.jobs.list(limit=1)
    assert page.next is not None
    assert hebb.jobs.list(limit=1, after=page.next).jobs[0].id != page.jobs[0].id
    for job in (first, second):
        hebb.jobs.cancel(job.id)


def test_what_kept_failing_is_told_and_tried_again(hebb: Client, sunflower: Path) -> None:
    """The Worker's GPU tier is away, and the job wants nothing else."""
    job = hebb.jobs.create([sunflower, sunflower], tier="gpu")
    *_, last = hebb.jobs.follow(job.id, offset=0, interval=0.05)
    assert [last.status.state, last.status.images.dead] == ["failed", 2]
    assert last.status.dead_letters is not None
    [letter] = last.status.dead_letters
    assert [letter.images, letter.error.code] == [(0, 1), "gpu_unavailable"]
    assert letter.at >= job.created_at
    lines = hebb.jobs.results(job.id).lines
    assert [isinstance(line, FailedLine) and line.dead for line in lines] == [True, True]
    assert hebb.jobs.replay(job.id).id == job.id
    hebb.jobs.cancel(job.id)


def test_follow_gives_no_lines_unless_asked(hebb: Client) -> None:
    job = hebb.jobs.create([b"x"])
    updates = list(hebb.jobs.follow(job.id, interval=0.05))
    assert [update.lines for update in updates] == [()] * len(updates)
    assert updates[-1].status.images.failed == 1


def test_an_id_is_only_an_id(hebb: Client) -> None:
    with pytest.raises(NotFoundError):
        hebb.jobs.show("../healthz")
