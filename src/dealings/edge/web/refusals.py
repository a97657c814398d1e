"""The one map from refusals to HTTP. The domain holds codes; only here are status numbers."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from dealings.kernel.errors import (
    BadField,
    Conflict,
    Forbidden,
    Invalid,
    Limited,
    Missing,
    Param,
    Refusal,
    Unauthenticated,
    Unavailable,
)
from dealings.platform.telemetry import metrics

STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    Missing: 404,
    Conflict: 409,
    Limited: 429,
    Unavailable: 503,
}
CODES = {400: "bad_request", 401: "unauthenticated", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
SENTENCES = {
    400: "The request could not be read. Check what was sent.",
    404: "There is nothing here.",
    405: "This address does not take that method.",
    413: "That is too large to send.",
}

logger = structlog.get_logger("dealings.web")


class Problem(msgspec.Struct, frozen=True):
    """How every error reads: a stable code, a sentence that helps, and which fields are meant."""

    code: str
    message: str
    params: dict[str, Param] = {}
    fields: dict[str, str] | None = None
    retry_after_seconds: int | None = None


def status_of(refusal: Refusal) -> int:
    return next(status for family, status in STATUS.items() if isinstance(refusal, family))


def problem_of(refusal: Refusal) -> Problem:
    metrics.REFUSALS.labels(refusal.code).inc()
    wait = refusal.params.get("retry_after_seconds")
    fields = {str(refusal.params["field"]): refusal.code} if isinstance(refusal, BadField) else None
    return Problem(refusal.code, refusal.message, refusal.params, fields, wait if isinstance(wait, int) else None)


def _answer(problem: Problem, status: int) -> Response[Problem]:
    headers = {"Retry-After": str(problem.retry_after_seconds)} if problem.retry_after_seconds else {}
    return Response(problem, status_code=status, headers=headers, media_type="application/json")


def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Problem]:
    return _answer(problem_of(refusal), status_of(refusal))


def invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    """Input of the wrong shape: says which fields, in words that name the expectation."""
    extra = error.extra if isinstance(error.extra, list) else []
    fields = {str(e.get("key", "")): str(e.get("message", "")) for e in extra if isinstance(e, dict)}
    problem = Problem("bad_request", SENTENCES[400], fields=fields or None)
    return _answer(problem, 422 if fields else 400)


def http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What the framework itself refuses: unknown paths, wrong methods, bodies that are too large."""
    status = error.status_code
    code = CODES.get(status, f"http_{status}")
    return _answer(Problem(code, SENTENCES.get(status, "The request could not be handled.")), status)


def crashed(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A bug: logged in full, told in one sentence."""
    logger.error("request_failed", path=request.url.path, exc_info=error)
    sentence = "Something went wrong on our side. It was logged; what you sent was not carried out."
    return _answer(Problem("internal", sentence), 500)


HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: refused,
    ValidationException: invalid,
    HTTPException: http,
    Exception: crashed,
}
