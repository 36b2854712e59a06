"""What can go wrong, as exceptions.

Every call raises a `HebbError`: a `ServiceError` when the service answered with an error, an
`UnreachableError` when it did not answer. Files that cannot be read raise `OSError` as usual.

    try:
        hebb.classify("notes.txt")
    except ImageError as error:
        print(error.code, error.status, error.hint)
"""

from typing import Final, Literal

ErrorCode = Literal[
    "not_found",
    "method_not_allowed",
    "invalid_argument",
    "missing_image",
    "body_too_large",
    "body_timeout",
    "body_incomplete",
    "image_too_large",
    "unsupported_format",
    "broken_image",
    "url_refused",
    "url_failed",
    "job_not_found",
    "idempotency_reused",
    "webhook_refused",
    "job_expired",
    "job_not_replayable",
    "invalid_batch",
    "batch_too_large",
    "batch_running",
    "gpu_unavailable",
    "edge_exhausted",
    "key_required",
    "key_invalid",
    "scope_missing",
    "origin_refused",
    "rate_limited",
    "keys_unreadable",
    "overloaded",
    "model_unavailable",
    "model_not_found",
    "deadline_exceeded",
    "engine_unavailable",
    "internal",
]
"""The codes that the service answers with. A newer service may have more."""


class HebbError(Exception):
    """What happened (`message`), what to do (`hint`), and a `code` that does not change."""

    code: str
    message: str
    hint: str

    def __init__(self, code: str, message: str, hint: str, *others: object) -> None:
        # All arguments go to Exception, because pickle passes them to the constructor again.
        super().__init__(code, message, hint, *others)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.hint}"


class UnreachableError(HebbError):
    """No answer came, the answer broke off, or it is not an answer of Hebb. `edge_unreachable`."""

    def __init__(
        self,
        message: str,
        hint: str = "Check the address and the network, and send the request again.",
    ) -> None:
        super().__init__("edge_unreachable", message, hint)
        self.args = (message, hint)


class ServiceError(HebbError):
    """The service answered with an error."""

    status: int
    """HTTP status (RFC 9110)."""
    request_id: str | None
    """Under which the service's log has the request."""
    retry_after: float | None
    """Seconds after which to try again, where the service says so."""

    def __init__(
        self,
        code: str,
        message: str,
        hint: str,
        status: int,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, hint, status, request_id, retry_after)
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after


class RequestError(ServiceError):
    """The request is wrong, and will be wrong when it is sent again."""


class ImageError(ServiceError):
    """The image is missing, too large, broken, or of a format that is not read."""


class AccessError(ServiceError):
    """The API key is missing or wrong, or may not do this."""


class RateLimitError(ServiceError):
    """Too many requests; `retry_after` says when to go on."""


class NotFoundError(ServiceError):
    """There is no such job, model or route."""


class UnavailableError(ServiceError):
    """The service cannot do it now; it may later."""


KINDS: Final[dict[str, tuple[type[ServiceError], int]]] = {
    "not_found": (NotFoundError, 404),
    "method_not_allowed": (RequestError, 405),
    "invalid_argument": (RequestError, 400),
    "missing_image": (ImageError, 400),
    "body_too_large": (ImageError, 413),
    "body_timeout": (UnavailableError, 408),
    "body_incomplete": (UnavailableError, 400),
    "image_too_large": (ImageError, 413),
    "unsupported_format": (ImageError, 415),
    "broken_image": (ImageError, 422),
    "url_refused": (ImageError, 403),
    "url_failed": (ImageError, 502),
    "job_not_found": (NotFoundError, 404),
    "idempotency_reused": (RequestError, 422),
    "webhook_refused": (RequestError, 403),
    "job_expired": (NotFoundError, 410),
    "job_not_replayable": (RequestError, 409),
    "invalid_batch": (RequestError, 400),
    "batch_too_large": (RequestError, 413),
    "batch_running": (UnavailableError, 409),
    "gpu_unavailable": (UnavailableError, 503),
    "edge_exhausted": (UnavailableError, 503),
    "key_required": (AccessError, 401),
    "key_invalid": (AccessError, 401),
    "scope_missing": (AccessError, 403),
    "origin_refused": (AccessError, 403),
    "rate_limited": (RateLimitError, 429),
    "keys_unreadable": (UnavailableError, 503),
    "overloaded": (UnavailableError, 503),
    "model_unavailable": (UnavailableError, 503),
    "model_not_found": (NotFoundError, 404),
    "deadline_exceeded": (UnavailableError, 504),
    "engine_unavailable": (RequestError, 501),
    "internal": (ServiceError, 500),
}
"""The exception and the HTTP status of each code, as shared/model/errors.ts of Hebb has them."""
