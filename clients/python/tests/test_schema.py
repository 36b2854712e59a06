"""The types of this package against the description that the Worker gives of itself."""

import dataclasses
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin

import hebb_client
import httpx
import pytest
from hebb_client import API_VERSION, AsyncClient, AsyncJobs, ErrorCode
from hebb_client.answers import wire_name
from hebb_client.errors import KINDS

Schema = dict[str, Any]

ANSWERS: dict[str, object] = {
    "Classification": hebb_client.Classification,
    "ErrorBody": None,  # an exception
    "Health": hebb_client.Health,
    "JobList": hebb_client.JobList,
    "JobStatus": hebb_client.JobStatus,
    "Line": hebb_client.Line,
    "ModelList": hebb_client.ModelList,
    "Readiness": hebb_client.Readiness,
}
"""The type of each schema that a call answers with."""

CALLS: dict[str, Callable[..., object]] = {
    "classify": AsyncClient.classify,
    "batch": AsyncClient.batch,
    "listModels": AsyncClient.models,
    "healthz": AsyncClient.health,
    "readyz": AsyncClient.ready,
    "createJob": AsyncJobs.create,
    "listJobs": AsyncJobs.list,
    "showJob": AsyncJobs.show,
    "jobResults": AsyncJobs.results,
    "replayJob": AsyncJobs.replay,
    "deleteJob": AsyncJobs.delete,
}
"""The method for each operation."""

OWN_PARAMETERS = {"self", "images", "image"}
HEADERS = {"Idempotency-Key": "idempotency_key", "Cache-Control": "cache"}


@pytest.fixture(scope="session")
def document(url: str) -> Schema:
    document: Schema = httpx.get(f"{url.rstrip('/')}/openapi.json").raise_for_status().json()
    return document


class Comparison:
    """Says where a type and a schema differ."""

    def __init__(self, document: Schema) -> None:
        self._schemas: Schema = document["components"]["schemas"]

    def of(self, name: str, kind: object) -> list[str]:
        return list(self._compare(name, kind, self._schemas[name]))

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _compare(self, at: str, kind: Any, schema: Schema) -> Iterator[str]:
        schema = self._resolved(schema)
        if dataclasses.is_dataclass(kind):
            yield from self._fields(at, kind, schema)
            return
        origin, args = get_origin(kind), get_args(kind)
        if origin is Union:
            yield from self._one_of(at, args, schema)
        elif origin is tuple:
            if schema.get("type") != "array" or args[1:] != (...,):
                yield f"{at}: {kind} for {schema}"
            else:
                yield from self._compare(f"{at}[]", args[0], schema["items"])
        elif origin is Mapping:
            if schema.get("type") != "object" or "additionalProperties" not in schema:
                yield f"{at}: {kind} for {schema}"
            else:
                yield from self._compare(f"{at}{{}}", args[1], schema["additionalProperties"])
        elif not self._fits(kind, schema):
            yield f"{at}: {kind} for {schema}"

    def _fields(self, at: str, kind: Any, schema: Schema) -> Iterator[str]:
        properties: Schema = schema.get("properties", {})
        fields = {wire_name(field): field for field in dataclasses.fields(kind)}
        yield from (f"{at}.{name}: no field for it" for name in properties.keys() - fields.keys())
        yield from (f"{at}.{name}: not in the schema" for name in fields.keys() - properties.keys())
        for name in fields.keys() & properties.keys():
            field = fields[name]
            required = field.default is dataclasses.MISSING
            if required != (name in schema.get("required", [])):
                yield f"{at}.{name}: {'required' if required else 'optional'}"
            type_ = field.type
            if type(None) in get_args(type_):  # X | None
                [type_] = [arg for arg in get_args(type_) if arg is not type(None)]
                if field.default is not None:
                    yield f"{at}.{name}: may be None, but its default is {field.default}"
            yield from self._compare(f"{at}.{name}", type_, properties[name])

    def _one_of(self, at: str, kinds: tuple[object, ...], schema: Schema) -> Iterator[str]:
        choices: list[Schema] = schema.get("anyOf", [])
        names = [choice.get("$ref", "").rpartition("/")[2] for choice in choices]
        if names != [getattr(kind, "__name__", "") for kind in kinds]:
            yield f"{at}: {kinds} for {names}"
            return
        for kind, choice in zip(kinds, choices):
            yield from self._compare(f"{at}|{getattr(kind, '__name__', '')}", kind, choice)

    @staticmethod
    def _fits(kind: object, schema: Schema) -> bool:
        type_, const = schema.get("type"), schema.get("const")
        if get_origin(kind) is Literal:
            values = [const] if const is not None else schema.get("enum", [])
            return set(get_args(kind)) == set(values)
        if kind is datetime:
            return type_ == "string" and schema.get("format") == "date-time"
        if kind is str and ("enum" in schema or const is not None or "format" in schema):
            return False  # there is a narrower type
        names = {str: "string", int: "integer", float: "number", bool: "boolean"}
        return isinstance(kind, type) and type_ == names.get(kind)


@pytest.mark.parametrize("name", [name for name, kind in ANSWERS.items() if kind is not None])
def test_an_answer_has_the_fields_of_its_schema(document: Schema, name: str) -> None:
    assert Comparison(document).of(name, ANSWERS[name]) == []


def test_the_api_has_the_version_that_this_client_knows(document: Schema) -> None:
    assert document["info"]["version"] == API_VERSION


def test_the_codes_of_errors_are_those_of_the_api(document: Schema) -> None:
    codes = document["components"]["schemas"]["Error"]["properties"]["code"]["enum"]
    assert sorted(get_args(ErrorCode)) == sorted(codes)
    assert sorted(KINDS) == sorted(codes)


def operations(document: Schema) -> dict[str, Schema]:
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }


def test_every_code_has_its_status(document: Schema) -> None:
    found: dict[str, int] = {}
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json", {})
            for part in content.get("schema", {}).get("allOf", [])[1:]:
                codes = part["properties"]["error"]["properties"]["code"]["enum"]
                found |= {code: int(status) for code in codes}
    assert len(found) > 25
    assert {code: KINDS[code][1] for code in found} == found


def test_every_schema_of_an_answer_is_compared(document: Schema) -> None:
    names: set[str] = set()
    for id, operation in operations(document).items():
        if id not in CALLS:
            continue
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                continue
            for content in response.get("content", {}).values():
                schema = content["schema"]
                refs = [schema] if "$ref" in schema else schema["anyOf"]
                names |= {ref["$ref"].rpartition("/")[2] for ref in refs}
    assert names == ANSWERS.keys()


def test_every_operation_has_a_call_but_those_of_pages(document: Schema) -> None:
    left = operations(document).keys() - CALLS.keys()
    pages = {"home", "networkPage", "docsPage", "asset", "openapi", "memory"}
    assert left == pages | {"modelFile"}
    assert CALLS.keys() <= operations(document).keys()


@pytest.mark.parametrize("id", CALLS)
def test_a_call_has_the_parameters_of_its_operation(document: Schema, id: str) -> None:
    described = {
        HEADERS.get(parameter["name"], parameter["name"])
        for parameter in operations(document)[id].get("parameters", [])
    }
    assert set(inspect.signature(CALLS[id]).parameters) - OWN_PARAMETERS == described


def without_field(schemas: Schema) -> None:
    del schemas["Prediction"]["properties"]["label"]


def with_field(schemas: Schema) -> None:
    schemas["JobCounts"]["properties"]["lost"] = {"type": "integer"}


def of_another_type(schemas: Schema) -> None:
    schemas["Prediction"]["properties"]["score"] = {"type": "string"}


def with_another_state(schemas: Schema) -> None:
    schemas["JobState"]["enum"].append("paused")


def without_need(schemas: Schema) -> None:
    schemas["Classification"]["required"].remove("why")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("Classification", without_field, "[].label: not in the schema"),
        ("JobStatus", with_field, "images.lost: no field for it"),
        ("Classification", of_another_type, "score: <class 'float'> for {'type': 'string'}"),
        ("JobList", with_another_state, "jobs[].state: "),
        ("Classification", without_need, "why: required"),
    ],
)
def test_a_difference_is_found(
    document: Schema, name: str, change: Callable[[Schema], None], said: str
) -> None:
    changed = deepcopy(document)
    change(changed["components"]["schemas"])
    problems = Comparison(changed).of(name, ANSWERS[name])
    assert problems != []
    assert [problem for problem in problems if said not in problem] == []
