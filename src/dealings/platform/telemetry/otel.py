"""Traces with OpenTelemetry: imported only where they are wanted (`tracing`).

A trace's root is a WebSocket frame or an HTTP request (W3C traceparent is honoured); below it lies, for each command,
how long it queued, the commit it shared with others, and the delivery of what it caused. Nothing that people wrote and
no account is noted: operations, routes, sizes, times.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

R = TypeVar("R")
Done = Callable[[Any], None]
App = Callable[[Any, Any, Any], Any]

CARRIED = (b"traceparent", b"tracestate")
SECOND_NS = 1_000_000_000


class Batch(NamedTuple):
    """The commit whose outcomes are being handed out; times of `time.monotonic()`."""

    commands: int
    begun_at: float
    committed_at: float


class Frame:
    """What is called with the outcome of a frame that was handed to a lane: ends its trace when all is written."""

    __slots__ = ("_done", "span")

    def __init__(self, done: Done, span: Span) -> None:
        self._done = done
        self.span = span

    def __call__(self, outcome: Any) -> None:
        self._done(outcome)
        _end_after_writes(self.span, refusal=outcome.refusal)


class Tracing:
    """Notes spans with a provider. Belongs to the event loop."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("dealings")
        self._propagator = TraceContextTextMapPropagator()
        self._epoch_ns = time.time_ns() - int(time.monotonic() * SECOND_NS)
        self._batch: Batch | None = None

    def close(self) -> None:
        self._provider.shutdown()

    # roots

    def frame(self, op: str, done: Done) -> Frame:
        """A frame whose outcome `done` will be told of."""
        return Frame(done, self._tracer.start_span(f"frame {op}", Context(), SpanKind.SERVER))

    async def operation(self, op: str, work: Coroutine[Any, Any, R]) -> R:
        """A frame that is worked on in a task."""
        with self._tracer.start_as_current_span(f"frame {op}", Context(), SpanKind.SERVER):
            return await work

    async def request(self, app: App, scope: Any, receive: Any, send: Any) -> None:
        """An HTTP request; its trace may have begun at whoever asks."""
        carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in CARRIED}
        context = self._propagator.extract(carrier, Context())
        method = scope["method"]
        with self._tracer.start_as_current_span(method, context, SpanKind.SERVER) as span:

            async def noting(message: Any) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await app(scope, receive, noting)
            route = scope.get("path_template") or "-"
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.request.method": method, "http.route": route})

    # below them

    def committing(self, *, commands: int, seconds: float, committed_at: float) -> None:
        """The outcomes told from now on are of this commit."""
        self._batch = Batch(commands, committed_at - seconds, committed_at)

    def command(self, done: Done, action: str) -> Done:
        """`done`, with queue, commit and delivery noted once the outcome is there."""
        context = set_span_in_context(done.span) if isinstance(done, Frame) else None
        span = self._tracer.start_span(f"command {action}", context)

        def told(outcome: Any) -> None:
            done(outcome)
            if self._batch is not None:
                self._note_commit(span, self._batch)
            _end_after_writes(span, refusal=outcome.refusal)

        return told

    def _note_commit(self, span: Span, batch: Batch) -> None:
        context = set_span_in_context(span)
        begun, committed = self._ns(batch.begun_at), self._ns(batch.committed_at)
        started = getattr(span, "start_time", None) or begun
        self._tracer.start_span("queue", context, start_time=min(started, begun)).end(begun)
        size = {"dealings.batch.commands": batch.commands}
        self._tracer.start_span("commit", context, attributes=size, start_time=begun).end(committed)
        deliver = self._tracer.start_span("deliver", context, start_time=committed)
        asyncio.get_running_loop().call_soon(deliver.end)

    def _ns(self, monotonic: float) -> int:
        return self._epoch_ns + int(monotonic * SECOND_NS)


def _end_after_writes(span: Span, *, refusal: Any) -> None:
    """The writes of this tick were asked for before, and so come first."""
    if refusal is not None:
        span.set_status(StatusCode.ERROR, refusal.code)
    asyncio.get_running_loop().call_soon(span.end)


def exporting() -> Tracing:
    """To where the environment says, in batches, from a thread; spans are dropped when that takes too long."""
    resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "dealings")})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
