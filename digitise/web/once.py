"""Idempotency-Key: a request that is sent twice is done once and answered the same."""

from collections.abc import Callable

from fastapi import Request, Response

from digitise.bootstrap import Services
from digitise.errors import InvalidValue
from digitise.model.people import Actor

HEADER = "idempotency-key"
MAX_KEY = 255


def once(
    request: Request, services: Services, actor: Actor, fingerprint: str, work: Callable[[], Response]
) -> Response:
    """Do `work` unless the caller's key was answered already; errors are not remembered: they changed nothing."""
    given = request.headers.get(HEADER)
    if given is None:
        return work()
    if not 0 < len(given) <= MAX_KEY:
        raise InvalidValue("idempotency_key_form", name="Idempotency-Key", value=given[:20])
    people = services.people
    key = people.answer_key(actor.name, request.method, request.url.path, given)
    before = people.remember(key, fingerprint)
    if before is not None:
        status, body, media_type = before
        return Response(body, status, {"Idempotency-Replayed": "true"}, media_type=media_type)
    try:
        response = work()
    except BaseException:
        people.forget(key)
        raise
    people.answered(key, response.status_code, bytes(response.body), response.media_type or "application/json")
    return response
