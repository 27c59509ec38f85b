"""The running API against its own OpenAPI document: no 500, no answer that the document does not name."""

import os

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from digitise.model.people import LOCAL_OPERATOR, Role
from tests.web.conftest import Live

EXAMPLES = int(os.environ.get("DIGITISE_API_EXAMPLES", "2"))  # of each operation; a long run by hand takes hundreds
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_answers_are_as_documented(live: Live) -> None:
    """A stream of events ends with the work it tells of, so that address is left out."""
    api = schemathesis.openapi.from_url(f"{live.url}/api/v1/openapi.json", wait_for_schema=20)
    found = [result.ok() for result in api.exclude(path_regex="/events$").get_all_operations()]
    assert len(found) > 25
    _, token = live.world.services.people.add_token("contract", frozenset(Role), None, LOCAL_OPERATOR)
    wrong = [f"{one.label}: {fault}" for one in found if (fault := _fault_of(one, token))]
    assert not wrong, "\n\n".join(wrong)


def _fault_of(operation: schemathesis.APIOperation, token: str) -> str:  # type: ignore[type-arg]
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=EXAMPLES < 10,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {token}"}, timeout=120)

    try:
        attempt()
    except (AssertionError, BaseExceptionGroup, schemathesis.errors.SchemathesisError) as error:
        return f"{error}"[:2000] + "".join(f"\n  {part}"[:800] for part in getattr(error, "exceptions", ()))
    return ""
