"""The answers of the service, as frozen dataclasses.

They have the fields of the schemas in the service's /openapi.json, which the tests compare. Fields
that a newer service adds are ignored. `dataclasses.asdict` turns an answer into plain dictionaries.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from .errors import ErrorCode

Tier = Literal["edge", "gpu"]
TierWish = Literal["auto", "edge", "gpu"]
Engine = Literal["int8", "tfjs"]
JobState = Literal["queued", "running", "completed", "failed"]


def _as(wire: str, default: Any = dataclasses.MISSING) -> Any:
    """A field that the service calls `wire`."""
    return field(default=default, metadata={"wire": wire})


def wire_name(of: "dataclasses.Field[Any]") -> str:
    """What the service calls a field."""
    return str(of.metadata.get("wire", of.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A class and how likely it is."""

    index: int
    """Position in the model's list of labels, from 0."""
    label: str
    score: float
    """Probability of the class, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringModel:
    """The model that answered."""

    name: str
    version: str
    """SHA-256 of the model's content, 64 hex digits."""
    precision: str
    """int8, float32 or bfloat16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """By the platform's clock, which Cloudflare stops while code runs. Milliseconds."""

    decode_ms: float
    """From the encoded image to pixels."""
    infer_ms: float
    """From pixels to probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What is in an image."""

    model: AnsweringModel
    tier: Tier
    """edge: in the Worker. gpu: in full precision, by the GPU tier."""
    why: str
    """Why that tier answered, in words."""
    predictions: tuple[Prediction, ...]
    """The `top` best, best first."""
    timing: Timing
    labels: tuple[Prediction, ...] | None = None
    """Only from a multi-label model: the classes whose score reaches their threshold, best first."""
    cached: bool = False
    """Whether the answer comes from the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorInfo:
    """What happened, and what to do."""

    code: ErrorCode
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedLine(Classification):
    """An image of many that was classified."""

    index: int
    """Which image, from 0."""
    name: str | None = None
    """The image's file name, or its URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLine:
    """An image of many that was not classified; the other images are not affected."""

    index: int
    """Which image, from 0."""
    name: str | None = None
    """The image's file name, or its URL."""
    error: ErrorInfo
    dead: bool = False
    """In jobs: the service failed, not the image, and a replay can try it again."""


Line = Union[ClassifiedLine, FailedLine]
"""One line for each image of a batch or a job; `isinstance` tells the two apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """How many images."""

    total: int
    done: int
    """Those with a line in the results."""
    succeeded: int
    """Those that were classified."""
    failed: int
    """Those that cannot be classified, such as broken files."""
    dead: int
    """Those whose work kept failing; a replay can try them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStatus:
    """Whether the webhook was delivered."""

    url: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int | None = None
    at: datetime | None = None
    """When it was delivered or given up."""
    reason: str | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A chunk of images whose work kept failing."""

    chunk: int
    images: tuple[int, ...]
    """Indices of the images."""
    error: ErrorInfo
    attempts: int
    at: datetime
    """When it was given up."""
    replaying: bool = False
    """Whether it is being tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTiers:
    """How many images each tier has classified."""

    edge: int
    gpu: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """What the job was made with."""

    top: int
    engine: Engine
    tier: TierWish
    escalate_below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLinks:
    """Paths at the service."""

    self: str
    results: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """All that is known of a job."""

    id: str
    state: JobState
    """completed: every image has its line. failed: so has it, but some images could not be worked
    on, and a replay can try them again."""
    created_at: datetime
    ended_at: datetime | None = None
    expires_at: datetime
    """When the job and its results are deleted."""
    images: JobCounts
    progress: float
    """Done of total, 0 to 1."""
    eta_seconds: int | None = None
    """Seconds that are left at the pace so far."""
    tiers: JobTiers
    options: JobOptions
    webhook: WebhookStatus | None = None
    dead_letters: tuple[DeadLetter, ...] | None = None
    links: JobLinks

    @property
    def has_ended(self) -> bool:
        return self.state in ("completed", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList:
    """Jobs, newest first."""

    jobs: tuple[JobStatus, ...]
    next: str | None = None
    """For `after`, when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Percent of images, 0 to 100."""

    top1: float
    top5: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanAveragePrecision:
    """Mean average precision over the classes of a multi-label model, percent."""

    float32: float | None = _as("float", None)
    int8: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """What quantisation cost, on the images it was measured on."""

    scheme: Literal["w8a7"]
    scales: str
    """How activation scales were chosen."""
    calibration_images: int = _as("calibrationImages")
    evaluation_images: int = _as("evaluationImages")
    float32: Accuracy | None = _as("float", None)
    """Before; None when the images carry no labels."""
    int8: Accuracy | None = None
    """After."""
    mean_average_precision: MeanAveragePrecision | None = _as("meanAveragePrecision", None)
    """Of a multi-label model, instead of the accuracies."""
    agreement: float
    """Percent of images with the same best class in float32 and int8; of a multi-label model, mean
    overlap of their labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """An engine that can run a model."""

    name: Engine
    precision: Literal["int8", "float32"]
    loaded: bool
    """In the isolate that answered, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A file of weights."""

    sha256: str
    bytes: int
    """Its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that is served."""

    name: str
    version: str
    """SHA-256 of the model's content, 64 hex digits."""
    current: bool
    """Whether it answers requests."""
    source: str
    """Where it was loaded from."""
    variant: Literal["lrn", "bn5x5", "bn3x3", "naive"]
    """Which GoogLeNet."""
    classes: int
    input_size: int
    """Side of its square input, pixels."""
    output: Literal["sigmoid"] | None = None
    """Of a multi-label model: each class has a probability of its own. None: they sum to 1."""
    engines: tuple[EngineInfo, ...]
    quantization: Quantization | None = None
    files: Mapping[str, ModelFile]
    """Weights, by file name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedModel:
    """A published model that could not be loaded, and why."""

    name: str
    version: str
    code: str
    """Of the error: invalid_package, model_too_large, …"""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """What is served."""

    models: tuple[Model, ...]
    refused: RefusedModel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The Worker runs."""

    status: Literal["ok"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyModel:
    """The model that is loaded."""

    name: str
    version: str
    """SHA-256 of the model's content, 64 hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """A model is loaded, and an image went through it."""

    status: Literal["ready"]
    model: ReadyModel


T = TypeVar("T")


def parse(kind: type[T], value: object) -> T:
    """The JSON `value` as a dataclass. Raises `ValueError` where it has another shape."""
    try:
        parsed: T = _parse(kind, value)
        return parsed
    except (TypeError, AttributeError) as error:
        raise ValueError(f"This is no {kind.__name__}: {error}") from error


def parse_line(value: Mapping[str, object]) -> Line:
    """A line of a batch or a job."""
    return parse(FailedLine, value) if "error" in value else parse(ClassifiedLine, value)


def _parse(kind: Any, value: Any) -> Any:
    make: Callable[..., Any] = kind
    if dataclasses.is_dataclass(kind):
        present = [f for f in dataclasses.fields(kind) if wire_name(f) in value]
        return make(**{f.name: _parse(f.type, value[wire_name(f)]) for f in present})
    if kind is datetime:
        # Python 3.10 does not read the suffix Z.
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(_parse(args[0], item) for item in value)
    if origin is Mapping:
        return {name: _parse(args[1], item) for name, item in value.items()}
    if origin in (types.UnionType, Union):  # of a Literal and None it is the second
        return _parse(args[0], value)  # X | None, of which only X is sent
    if origin is Literal:
        return value  # a newer service may have further values
    if not isinstance(value, (int, float) if kind is float else kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
