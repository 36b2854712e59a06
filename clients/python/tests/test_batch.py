"""Many images now."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from conftest import variable
from hebb_client import (
    AsyncClient,
    ClassifiedLine,
    Client,
    FailedLine,
    ImageUrl,
    Line,
    RequestError,
)


def label_of(line: Line) -> str:
    return line.error.code if isinstance(line, FailedLine) else line.predictions[0].label


def test_a_line_for_each_image_in_order(hebb: Client, sunflower: Path, daisy: Path) -> None:
    lines = list(hebb.batch([sunflower, b"no image at all", ("my daisy", daisy)]))
    assert [(line.index, line.name) for line in lines] == [
        (0, "sunflower.jpg"),
        (1, None),
        (2, "my daisy"),
    ]
    assert [label_of(line) for line in lines] == ["sunflowers", "unsupported_format", "daisy"]
    assert isinstance(lines[0], ClassifiedLine) and lines[0].tier == "edge"
    assert isinstance(lines[1], FailedLine) and lines[1].error.hint != ""


def test_names_may_have_any_letters(hebb: Client) -> None:
    names = ["Gänseblümchen.jpg", "雛菊 2.jpg", "a;b=c.jpg"]
    lines = list(hebb.batch([(name, b"x") for name in names]))
    assert [line.name for line in lines] == names


def test_images_may_be_urls(hebb: Client) -> None:
    url = variable("HEBB_IMAGE_URL")
    lines = list(hebb.batch([ImageUrl(url), ("named", ImageUrl(url))], top=1))
    assert [line.name for line in lines] == [url, "named"]
    assert [label_of(line) for line in lines] == ["sunflowers", "sunflowers"]
    with pytest.raises(ValueError, match="two batches"):
        list(hebb.batch([ImageUrl(url), b"bytes"]))


def test_too_many_images_are_an_error(hebb: Client) -> None:
    with pytest.raises(RequestError) as error:
        list(hebb.batch([b"x"] * 501))
    assert [error.value.code, error.value.status] == ["batch_too_large", 413]


def test_the_same_key_gives_the_same_lines(hebb: Client, sunflower: Path, url: str) -> None:
    key = f"batch of {id(hebb)}"
    first = list(hebb.batch([sunflower], top=1, idempotency_key=key))
    # Not even read: the answer was kept.
    again = list(hebb.batch([b"x"], top=1, idempotency_key=key))
    assert again == first
    with pytest.raises(RequestError) as error:
        list(hebb.batch([sunflower], top=2, idempotency_key=key))
    assert error.value.code == "idempotency_reused"


def test_an_iterator_that_is_closed_ends_the_work(hebb: Client, sunflower: Path) -> None:
    lines = hebb.batch([sunflower] * 12, cache=False)
    assert next(lines).index == 0
    lines.close()
    assert list(lines) == []
    # The connection is not left with the rest of the answer in it.
    assert hebb.health().status == "ok"


def test_a_task_that_is_cancelled_ends_the_work(url: str, sunflower: Path) -> None:
    async def read(hebb: AsyncClient, begun: asyncio.Event) -> None:
        async with aclosing(hebb.batch([sunflower] * 12, cache=False)) as lines:
            async for _ in lines:
                begun.set()

    async def cancelled() -> str:
        async with AsyncClient(url) as hebb:
            begun = asyncio.Event()
            task = asyncio.create_task(read(hebb, begun))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await hebb.health()).status

    assert asyncio.run(cancelled()) == "ok"
