"""What a client of botocore gets without XML must equal what botocore's own parser reads in the XML."""

import datetime as dt
from typing import Any

import botocore.parsers
import botocore.session
import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, Shape, StructureShape
from hypothesis import given
from hypothesis import strategies as st

from pytest_stssaml.adapters.botocore_messages import parsed
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import ErrorRow
from pytest_stssaml.sts.wire.query_response import error_document, error_members, success_document
from pytest_stssaml.wire import Members, Response

STS = botocore.session.get_session().get_service_model("sts")
OPERATIONS = ("AssumeRoleWithSAML", "AssumeRole", "GetCallerIdentity")
HEADERS = {"x-amzn-RequestId": "an id", "Content-Type": "text/xml"}

# Every code point, half surrogate pairs included: U+FFFD replaces what XML cannot hold.
STRINGS = st.text(st.characters(exclude_categories=()), max_size=8)
TIMES = st.datetimes(timezones=st.just(dt.UTC)).map(lambda time: time.replace(microsecond=0))


def members_of(shape: StructureShape) -> st.SearchStrategy[dict[str, Any]]:
    """Return what results of a shape may be; any member may be missing."""
    return st.fixed_dictionaries({name: st.none() | values_of(member) for name, member in shape.members.items()})


def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        return members_of(shape)
    return {"string": STRINGS, "timestamp": TIMES, "integer": st.integers(0, 1_000_000)}.get(shape.type_name, st.none())


def success(operation: OperationModel, result: Members) -> Response:
    document = success_document(operation.name, result, "an id")
    return Response(200, HEADERS, "an id", result=result, write=document.write)


def failure(row: ErrorRow, message: str | None) -> Response:
    error = error_members(row, message)
    document = error_document(row, error, "an id")
    return Response(row.status, HEADERS, "an id", error=error, write=document.write)


def parsed_by_botocore(response: Response, operation: OperationModel) -> dict[str, Any]:
    """Return what botocore's endpoint makes of a response from the network."""
    parser = botocore.parsers.create_parser("query")
    received = {
        "status_code": response.status,
        "headers": HeadersDict(response.headers),
        "body": response.body.encode(),
        "context": {"operation_name": operation.name},
    }
    answer: dict[str, Any] = parser.parse(received, operation.output_shape)
    if response.status >= 300:
        shape = operation.service_model.shape_for_error_code(answer["Error"]["Code"])
        if shape is not None:
            answer.update(parser.parse(received, shape))
    answer["ResponseMetadata"]["RetryAttempts"] = 0
    return answer


def types(value: Any) -> Any:
    """Return the types of all values, and of the time zones of times."""
    if isinstance(value, dict):
        return {name: types(member) for name, member in value.items()}
    return type(value), type(getattr(value, "tzinfo", None))


def check(response: Response, operation: OperationModel) -> None:
    direct, by_botocore = parsed(response, operation), parsed_by_botocore(response, operation)
    assert direct == by_botocore
    assert types(direct) == types(by_botocore)


RESULTS = {name: members_of(STS.operation_model(name).output_shape) for name in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS)
@given(data=st.data())
def test_every_result_is_what_botocore_parses(operation: str, data: st.DataObject) -> None:
    model = STS.operation_model(operation)
    check(success(model, data.draw(RESULTS[operation])), model)


@given(st.sampled_from(OPERATIONS), st.sampled_from(errors.CATALOGUE), st.none() | STRINGS)
def test_every_error_is_what_botocore_parses(operation: str, row: ErrorRow, message: str | None) -> None:
    check(failure(row, message), STS.operation_model(operation))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_member_that_botocore_does_not_know_is_left_out(operation: str) -> None:
    check(success(STS.operation_model(operation), {"MemberOfTomorrow": "a value"}), STS.operation_model(operation))


def test_a_body_is_written_once() -> None:
    bodies = iter(["<a/>", "written again"])
    response = Response(200, HEADERS, "an id", result={}, write=bodies.__next__)
    assert [response.body, response.body] == ["<a/>", "<a/>"]
    assert next(bodies) == "written again"
