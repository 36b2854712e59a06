"""One image."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import variable
from hebb_client import AsyncClient, Client, ImageError, ImageUrl, RequestError


def test_a_file_is_classified(hebb: Client, sunflower: Path) -> None:
    answer = hebb.classify(sunflower, top=2, cache=False)
    assert [len(answer.predictions), answer.predictions[0].label] == [2, "sunflowers"]
    assert answer.predictions[0].score > answer.predictions[1].score
    assert [answer.tier, answer.model.precision, answer.cached] == ["edge", "int8", False]


def test_a_path_may_be_text(hebb: Client, daisy: Path) -> None:
    assert hebb.classify(str(daisy)).predictions[0].label == "daisy"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_an_image_may_be_bytes(
    hebb: Client, daisy: Path, kind: type[bytes] | type[bytearray] | type[memoryview]
) -> None:
    assert hebb.classify(kind(daisy.read_bytes())).predictions[0].label == "daisy"


def test_an_image_may_be_at_a_url_of_a_host_that_is_listed(hebb: Client, sunflower: Path) -> None:
    fetched = hebb.classify(ImageUrl(variable("HEBB_IMAGE_URL")))
    assert fetched.predictions == hebb.classify(sunflower).predictions
    with pytest.raises(ImageError) as refused:
        hebb.classify(ImageUrl("https://example.com/a.jpg"))
    assert [refused.value.code, refused.value.status] == ["url_refused", 403]


def test_a_url_as_text_is_not_taken_for_a_path(hebb: Client) -> None:
    with pytest.raises(ValueError, match=r"write ImageUrl\('https://example.com/a.jpg'\)"):
        hebb.classify("https://example.com/a.jpg")


def test_a_file_that_is_not_there_raises_what_open_raises(hebb: Client, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hebb.classify(tmp_path / "none.jpg")
    with pytest.raises(ValueError, match="no regular file"):
        hebb.classify(tmp_path)


def test_no_bytes_are_no_image(hebb: Client) -> None:
    with pytest.raises(ImageError) as error:
        hebb.classify(b"")
    assert [error.value.code, error.value.status] == ["missing_image", 400]


def test_options_reach_the_service(hebb: Client, sunflower: Path) -> None:
    answer = hebb.classify(
        sunflower, top=1, engine="int8", tier="edge", escalate_below=1e-5, deadline_ms=3_600_000
    )
    assert [len(answer.predictions), answer.tier] == [1, "edge"]
    with pytest.raises(RequestError) as wrong:
        hebb.classify(sunflower, top=6)
    assert [wrong.value.code, wrong.value.status] == ["invalid_argument", 400]
    assert "1 to 5" in str(wrong.value)
    with pytest.raises(RequestError, match="escalate_below"):
        hebb.classify(sunflower, escalate_below=2)


def test_the_cache_answers_unless_it_may_not(hebb: Client, sunflower: Path) -> None:
    hebb.classify(sunflower, top=3)
    assert hebb.classify(sunflower, top=3).cached
    assert not hebb.classify(sunflower, top=3, cache=False).cached


def test_threads_share_a_client(url: str, sunflower: Path, daisy: Path) -> None:
    with Client(url) as hebb, ThreadPoolExecutor(4) as threads:
        answers = threads.map(hebb.classify, [sunflower, daisy, sunflower, daisy])
        labels = [answer.predictions[0].label for answer in answers]
    assert labels == ["sunflowers", "daisy", "sunflowers", "daisy"]


def test_tasks_share_an_async_client(url: str, sunflower: Path, daisy: Path) -> None:
    async def classify() -> list[str]:
        async with AsyncClient(url) as hebb:
            answers = await asyncio.gather(hebb.classify(sunflower), hebb.classify(daisy))
        return [answer.predictions[0].label for answer in answers]

    assert asyncio.run(classify()) == ["sunflowers", "daisy"]


def test_the_blocking_client_works_inside_an_event_loop(url: str, sunflower: Path) -> None:
    """As in a notebook, whose cells run in one."""

    async def cell() -> str:
        with Client(url) as hebb:
            lines = list(hebb.batch([sunflower]))
            return f"{len(lines)} {hebb.classify(sunflower).predictions[0].label}"

    assert asyncio.run(cell()) == "1 sunflowers"
