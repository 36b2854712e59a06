"""A client of Hebb, image classification at the edge.

    from hebb_client import Client

    with Client("http://localhost:8787") as hebb:
        print(hebb.classify("photo.jpg").predictions[0].label)

`AsyncClient` has the same calls for asyncio.
"""

from ._calls import JobResults, JobUpdate
from ._clients import AsyncClient, AsyncJobs, Client, Jobs
from ._transport import Retry
from ._version import API_VERSION, __version__
from .answers import (
    Accuracy,
    AnsweringModel,
    Classification,
    ClassifiedLine,
    DeadLetter,
    Engine,
    EngineInfo,
    ErrorInfo,
    FailedLine,
    Health,
    JobCounts,
    JobLinks,
    JobList,
    JobOptions,
    JobState,
    JobStatus,
    JobTiers,
    Line,
    Model,
    ModelFile,
    ModelList,
    Prediction,
    Quantization,
    Readiness,
    ReadyModel,
    RefusedModel,
    Tier,
    TierWish,
    Timing,
    WebhookStatus,
)
from .errors import (
    AccessError,
    ErrorCode,
    HebbError,
    ImageError,
    NotFoundError,
    RateLimitError,
    RequestError,
    ServiceError,
    UnavailableError,
    UnreachableError,
)
from .images import Image, ImageUrl, NamedImage

__all__ = [
    "API_VERSION",
    "AccessError",
    "Accuracy",
    "AnsweringModel",
    "AsyncClient",
    "AsyncJobs",
    "Classification",
    "ClassifiedLine",
    "Client",
    "DeadLetter",
    "Engine",
    "EngineInfo",
    "ErrorCode",
    "ErrorInfo",
    "FailedLine",
    "Health",
    "HebbError",
    "Image",
    "ImageError",
    "ImageUrl",
    "JobCounts",
    "JobLinks",
    "JobList",
    "JobOptions",
    "JobResults",
    "JobState",
    "JobStatus",
    "JobTiers",
    "JobUpdate",
    "Jobs",
    "Line",
    "Model",
    "ModelFile",
    "ModelList",
    "NamedImage",
    "NotFoundError",
    "Prediction",
    "Quantization",
    "RateLimitError",
    "Readiness",
    "ReadyModel",
    "RefusedModel",
    "RequestError",
    "Retry",
    "ServiceError",
    "Tier",
    "TierWish",
    "Timing",
    "UnavailableError",
    "UnreachableError",
    "WebhookStatus",
    "__version__",
]
