"""The HTTP API and the pages: every module's routes under /api/v1, with what they ask for by name."""

import re
from dataclasses import dataclass
from hmac import compare_digest
from importlib import import_module
from typing import Any

from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ASGIApp, ControllerRouterHandler

from dealings.domain.identity.errors import NotSignedIn
from dealings.domain.identity.model import Caller
from dealings.edge.web import refusals
from dealings.edge.web.access import VISITOR, Access
from dealings.edge.web.asked import Asked
from dealings.edge.web.observe import Limits, observed
from dealings.edge.web.pages import Pages, page
from dealings.kernel.clock import Clock
from dealings.kernel.errors import Forbidden, Invalid
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files.store import Files
from dealings.settings import Settings

VERSION = "1"
BODY_MOST = 6 * 1024 * 1024
"""Bytes of a request: a pasted book of 5 MB is still told which field it is too long for. Handlers that take
files, or that nobody needs to be signed in for, say how much more or less."""
HOST = re.compile(r"[\w.\-\[\]:]{1,255}", re.ASCII)
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a proxy says that it is one."""
MODULES = (
    "dealings.platform.files.routes",
    "dealings.domain.identity.routes",
    "dealings.domain.messaging.routes",
    "dealings.domain.catalogue.routes",
    "dealings.domain.wallet.routes",
    "dealings.domain.orders.routes",
    "dealings.domain.insight.routes",
)


@dataclass(frozen=True, slots=True)
class Services:
    """What a serving process is made of."""

    settings: Settings
    run: Run
    reads: Reads
    files: Files
    clock: Clock


class NotForYou(Forbidden):
    code = "metrics_forbidden"
    text = "Metrics are read from this machine or with the token."


class BadHost(Invalid):
    code = "bad_host"
    text = "The request names no host that a link could lead to."


def _origin(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Where people reach this server, for links: as it was told, or as they just did."""
    host = request.headers.get("host", "")
    if not settings.public_url and not HOST.fullmatch(host):
        raise BadHost()
    return settings.public_url or f"{request.url.scheme}://{host}"


def _dependencies(services: Services, access: Access) -> dict[str, Provide]:
    def visitor(request: Request[Any, Any, Any]) -> Caller | None:
        found: Caller | None = request.scope["state"][VISITOR]
        return found

    def caller(visitor: NamedDependency[Caller | None]) -> Caller:
        if visitor is None:
            raise NotSignedIn()
        return visitor

    def run(request: Request[Any, Any, Any], visitor: NamedDependency[Caller | None]) -> Run:
        return access.run_for(request, visitor)

    def origin(request: Request[Any, Any, Any]) -> str:
        return _origin(request, services.settings)

    constants = {
        "reads": services.reads,
        "files": services.files,
        "clock": services.clock,
    }
    return {
        "visitor": Provide(visitor, sync_to_thread=False),
        "caller": Provide(caller, sync_to_thread=False),
        "run": Provide(run, sync_to_thread=False),
        "origin": Provide(origin, sync_to_thread=False),
        **{name: _constant(value) for name, value in constants.items()},
    }


def _constant(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False, use_cache=True)


def _operation(services: Services) -> list[ControllerRouterHandler]:
    @get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        """Answers when the store does."""
        await services.reads(lambda db: db.horizon())
        return {"status": "ok"}

    @get("/metrics", include_in_schema=False, media_type=MediaType.TEXT, sync_to_thread=False)
    def read_metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        _check_metrics_reader(request, services.settings.metrics_token)
        from dealings.platform.telemetry import exposition  # only who reads them needs Prometheus' library

        return Response(exposition.text(), media_type=exposition.CONTENT_TYPE)

    return [healthz, read_metrics]


def _check_metrics_reader(request: Request[Any, Any, Any], token: str) -> None:
    if token:
        if not compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            raise NotForYou()
    elif request.client is None or request.client.host not in ("127.0.0.1", "::1") or _passed_on(request):
        raise NotForYou()


def _passed_on(request: Request[Any, Any, Any]) -> bool:
    """Behind a proxy on this machine, everybody seems to be here."""
    return any(name in request.headers for name in PASSED_ON)


def routes() -> list[ControllerRouterHandler]:
    """All handlers of the API, module by module."""
    return [handler for module in MODULES for handler in import_module(module).ROUTES]


def openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Dealings",
        version=VERSION,
        path="/api",
        render_plugins=[JsonRenderPlugin()],
        description="The HTTP API of Dealings. The WebSocket at /ws is described in docs/protocol.md.",
    )


class Api(Litestar):
    """Litestar without what it would load for pydantic, attrs and OpenTelemetry, only because they happen to be there:
    a tenth of a second of every start. tests/edge/test_start.py would notice a version that does it in another way."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]

    @staticmethod
    def _patch_opentelemetry_middleware(config: AppConfig) -> AppConfig:
        return config


def create_app(services: Services) -> ASGIApp:
    access = Access(services.reads, services.run, clock=services.clock, public_url=services.settings.public_url)
    dependencies = _dependencies(services, access)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await access.admit(connection, handler)  # the framework copies its guards deeply: a function, no method

    api = Router("/api/v1", route_handlers=routes(), dependencies=dependencies, guards=[guard])
    app = Api(
        [api, page, *_operation(services)],
        dependencies={"pages": _constant(Pages())},
        exception_handlers=refusals.HANDLERS,
        request_class=Asked,
        openapi_config=openapi(),
        request_max_body_size=BODY_MOST,
        debug=False,
        logging_config=None,
    )
    return observed(app, Limits(per_second=services.settings.requests_per_second))
