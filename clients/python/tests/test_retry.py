"""What the client does when things go wrong, against a server that has them go wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

import pytest
from conftest import MakeClient
from hebb_client import (
    Client,
    ErrorCode,
    HebbError,
    Line,
    Retry,
    ServiceError,
    UnavailableError,
    UnreachableError,
)

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Prints nothing when a client has closed its connection."""


class Faulty:
    """A server that gives the first request this answer, the second that, and repeats the last."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[tuple[str, float, dict[str, str]]] = []
        """Method and path, when it came (s), and headers."""
        faulty = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", "0")))
                n = len(faulty.requests)
                headers = {name.lower(): value for name, value in self.headers.items()}
                faulty.requests.append((f"{self.command} {self.path}", monotonic(), headers))
                faulty.answers[min(n, len(faulty.answers) - 1)](self)

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                """Prints nothing."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def pauses(self) -> list[float]:
        times = [time for _, time, _ in self.requests]
        return [after - before for before, after in zip(times, times[1:])]


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    faulty = Faulty()
    thread = threading.Thread(target=faulty.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield faulty
    faulty.server.shutdown()
    thread.join()
    faulty.server.server_close()


def answer(status: int, body: bytes, **headers: str) -> Answer:
    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return send


def error(status: int, code: ErrorCode, **headers: str) -> Answer:
    body = {"error": {"code": code, "message": "It is so.", "hint": "Do this."}}
    return answer(status, json.dumps(body).encode(), **headers)


def cut(request: BaseHTTPRequestHandler) -> None:
    """Breaks the connection."""
    request.close_connection = True


def lines(text: str, *, cut_off: bool) -> Answer:
    """An NDJSON answer of unknown length, in pieces of three bytes."""

    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        body = text.encode()
        for at in range(0, len(body), 3):
            piece = body[at : at + 3]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if cut_off:
            request.close_connection = True
        else:
            request.wfile.write(b"0\r\n\r\n")

    return send


WELL = answer(200, b'{"status": "ok"}')
SOON = error(503, "overloaded", Retry_After="1", X_Request_Id="r1")
PROMPT = Retry(random=lambda: 0.0)


def test_a_busy_service_is_asked_again_when_it_says_so(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [SOON, WELL]
    assert make(faulty.url, retry=PROMPT).health().status == "ok"
    assert [pause >= 1 for pause in faulty.pauses()] == [True]


def test_three_times_in_all(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [error(503, "overloaded", Retry_After="0", X_Request_Id="r1")]
    with pytest.raises(UnavailableError) as raised:
        make(faulty.url, retry=PROMPT).health()
    assert len(faulty.requests) == 3
    assert [raised.value.hint, raised.value.request_id, raised.value.retry_after] == [
        "Do this.",
        "r1",
        0,
    ]


def test_a_service_that_wants_long_peace_is_not_asked_again(
    make: MakeClient, faulty: Faulty
) -> None:
    faulty.answers = [error(503, "overloaded", Retry_After="60"), WELL]
    with pytest.raises(UnavailableError) as raised:
        make(faulty.url).health()
    assert [raised.value.retry_after, len(faulty.requests)] == [60, 1]


def test_a_connection_that_breaks_is_made_again(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [cut, WELL]
    assert make(faulty.url, retry=PROMPT).health().status == "ok"
    assert len(faulty.requests) == 2


def test_an_error_of_the_request_is_not_sent_again(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [error(400, "invalid_argument"), WELL]
    with pytest.raises(ServiceError, match="invalid_argument: It is so. Do this."):
        make(faulty.url).classify(b"x")
    assert len(faulty.requests) == 1


def test_what_changes_something_is_sent_once(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [cut]
    hebb = make(faulty.url)
    for call in (hebb.jobs.cancel, hebb.jobs.delete, hebb.jobs.replay):
        with pytest.raises(UnreachableError):
            call("x")
    assert [request for request, _, _ in faulty.requests] == [
        "DELETE /v1/jobs/x",
        "DELETE /v1/jobs/x",
        "POST /v1/jobs/x/replay",
    ]


def test_a_job_is_sent_again_with_the_same_key(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [cut, error(400, "invalid_batch")]
    with pytest.raises(ServiceError):
        make(faulty.url, retry=PROMPT).jobs.create([b"x"])
    keys = [headers["idempotency-key"] for _, _, headers in faulty.requests]
    assert len(keys) == 2 and keys[0] == keys[1] != ""


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (answer(200, b"<!doctype html>"), "answers with what is no JSON of the API"),
        (answer(200, b'{"other": 1}'), "answers with what is no JSON of the API"),
        (answer(502, b"Bad Gateway"), "answers 502, as no Worker of Hebb would"),
        (answer(308, b"", Location="https://b.example/"), "redirects to https://b.example/"),
    ],
)
def test_what_is_no_worker_of_hebb_is_called_that(
    make: MakeClient, faulty: Faulty, what: Answer, message: str
) -> None:
    faulty.answers = [what]
    with pytest.raises(UnreachableError, match=message) as raised:
        make(faulty.url, retry=Retry(attempts=1)).health()
    assert raised.value.code == "edge_unreachable"


def test_an_unknown_code_is_an_error_of_the_service(make: MakeClient, faulty: Faulty) -> None:
    body = {"error": {"code": "of_the_future", "message": "m", "hint": "h"}}
    faulty.answers = [answer(418, json.dumps(body).encode())]
    with pytest.raises(ServiceError) as raised:
        make(faulty.url).health()
    assert [raised.value.code, raised.value.status] == ["of_the_future", 418]


def read_batch(hebb: Client) -> tuple[list[Line], HebbError]:
    found: list[Line] = []
    with pytest.raises(HebbError) as raised:
        for line in hebb.batch([b"x", b"x"]):
            found.append(line)
    return found, raised.value


FIRST = '{"index": 0, "error": {"code": "broken_image", "message": "ü", "hint": "h"}}\n'


@pytest.mark.parametrize("cut_off", [True, False])
def test_a_batch_that_breaks_off_raises_after_the_lines_that_came(
    make: MakeClient, faulty: Faulty, cut_off: bool
) -> None:
    faulty.answers = [lines(f"\n{FIRST}", cut_off=cut_off)]
    found, raised = read_batch(make(faulty.url))
    assert [line.index for line in found] == [0]
    assert isinstance(raised, UnreachableError)


def test_a_batch_that_ends_early_raises_what_it_says(make: MakeClient, faulty: Faulty) -> None:
    last = '{"error": {"code": "body_timeout", "message": "Slow.", "hint": "Faster."}}'
    faulty.answers = [lines(f"{FIRST}\n\n{last}", cut_off=False)]
    found, raised = read_batch(make(faulty.url))
    assert [line.index for line in found] == [0]
    assert isinstance(raised, UnavailableError)
    assert [raised.code, raised.status, raised.hint] == ["body_timeout", 408, "Faster."]


def test_closing_the_iterator_closes_the_connection(make: MakeClient, faulty: Faulty) -> None:
    """Which ends the work at the service."""
    closed = threading.Event()

    def first_line_then_wait(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(FIRST.encode())
        if request.rfile.read(1) == b"":
            closed.set()

    faulty.answers = [first_line_then_wait]
    found = make(faulty.url).batch([b"x", b"x"])
    assert next(found).index == 0
    assert not closed.is_set()
    found.close()
    assert closed.wait(60)


def test_a_line_that_does_not_end_is_given_up(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [answer(200, b"x" * 2_000_000)]
    _, raised = read_batch(make(faulty.url))
    assert isinstance(raised, UnreachableError)


def test_an_answer_that_takes_too_long_is_none(make: MakeClient, faulty: Faulty) -> None:
    over = threading.Event()
    faulty.answers = [lambda request: void(over.wait())]
    try:
        with pytest.raises(UnreachableError):
            make(faulty.url, timeout=0.05, retry=Retry(attempts=1)).health()
    finally:
        over.set()


def void(_: object) -> None:
    """For functions that give nothing."""


def test_follow_waits_for_a_service_that_restarts(make: MakeClient, faulty: Faulty) -> None:
    faulty.answers = [cut, cut, error(404, "job_not_found")]
    hebb = make(faulty.url, retry=Retry(attempts=1))
    with pytest.raises(ServiceError) as raised:
        list(hebb.jobs.follow("x", interval=0.01))
    assert [raised.value.code, len(faulty.requests)] == ["job_not_found", 3]


def service_error(retry_after: float | None) -> ServiceError:
    return ServiceError("overloaded", "m", "h", 503, None, retry_after)


@pytest.mark.parametrize(
    ("error", "attempt", "pause"),
    [
        (UnreachableError("m"), 1, 0.5),
        (UnreachableError("m"), 2, 1.0),
        (UnreachableError("m"), 3, None),
        (service_error(2), 1, 2.0),
        (service_error(0), 2, 1.0),
        (service_error(10), 1, 10.0),
        (service_error(11), 1, None),
        (service_error(None), 1, None),
    ],
)
def test_how_long_the_pause_is(error: HebbError, attempt: int, pause: float | None) -> None:
    """Half a second, then twice as long; at least what the service says, up to the patience."""
    assert Retry(random=lambda: 0.5).pause(error, attempt) == pause
