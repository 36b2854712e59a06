"""What is served, who may ask, and errors as they come."""

import copy
import pickle
from pathlib import Path

import httpx
import pytest
from conftest import MakeClient, variable
from hebb_client import (
    AccessError,
    Client,
    HebbError,
    ImageError,
    Retry,
    UnavailableError,
    UnreachableError,
)


def test_what_is_served(hebb: Client) -> None:
    [model] = hebb.models().models
    ready = hebb.ready()
    assert [ready.status, ready.model.version] == ["ready", model.version]
    assert [model.current, model.classes, model.input_size] == [True, 5, 224]
    assert model.engines[0].name == "int8"
    assert model.quantization is not None and model.quantization.float32 is not None
    assert model.quantization.calibration_images > 0
    assert all(file.bytes > 0 for file in model.files.values())
    assert hebb.health().status == "ok"


def test_an_error_says_what_the_service_says(hebb: Client) -> None:
    with pytest.raises(ImageError) as raised:
        hebb.classify(b"no image at all")
    error = raised.value
    assert [error.code, error.status, error.retry_after] == ["unsupported_format", 415, None]
    assert error.hint.startswith("Send JPEG")
    assert error.request_id
    assert str(error) == f"{error.code}: {error.message} {error.hint}"


def test_a_key_is_shown(make: MakeClient, url: str, sunflower: Path) -> None:
    hebb = make(url, key=variable("HEBB_CLASSIFY_KEY"))
    assert hebb.classify(sunflower, top=1).predictions[0].label == "sunflowers"
    with pytest.raises(AccessError) as refused:
        hebb.jobs.list()
    assert [refused.value.code, refused.value.status] == ["scope_missing", 403]
    with pytest.raises(AccessError) as wrong:
        make(url, key="hebb_0").classify(sunflower)
    assert [wrong.value.code, wrong.value.status] == ["key_invalid", 401]


def test_a_tier_that_is_away_is_unavailable(make: MakeClient, url: str, sunflower: Path) -> None:
    """The Worker's GPU tier closes every connection."""
    with pytest.raises(UnavailableError) as away:
        make(url, retry=Retry(attempts=1)).classify(sunflower, tier="gpu")
    assert [away.value.code, away.value.status] == ["gpu_unavailable", 503]


def test_a_client_of_httpx_may_be_given(url: str) -> None:
    with httpx.Client(headers={"X-Request-Id": "of-this-test"}) as http:
        with Client(url, http=http) as hebb, pytest.raises(ImageError) as error:
            hebb.classify(b"x")
        assert error.value.request_id == "of-this-test"
        assert not http.is_closed


def test_an_address_is_one() -> None:
    with pytest.raises(ValueError, match="write https://"):
        Client("localhost:8787")


@pytest.mark.parametrize(
    "error",
    [
        ImageError("broken_image", "It is cut off.", "Send it whole.", 422, "r1", 2.0),
        UnreachableError("It does not answer."),
    ],
)
def test_errors_travel_between_processes(error: HebbError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert [vars(other), str(other)] == [vars(error), str(error)]
