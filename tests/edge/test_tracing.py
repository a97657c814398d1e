"""Traces: from a frame or request to its delivery when they are wanted, and nothing at all when not."""

import asyncio
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dealings.platform.db.stores import Store
from dealings.platform.telemetry import otel, tracing
from tests.edge.serving import befriend, next_event, serving

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def noted() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.on = otel.Tracing(provider)
    yield exporter
    tracing.turn_off()


def below(spans: Sequence[ReadableSpan], root: ReadableSpan) -> dict[str, ReadableSpan]:
    """The spans under one, by name."""
    assert root.context is not None
    return {span.name: span for span in spans if span.parent and span.parent.span_id == root.context.span_id}


def named(spans: Sequence[ReadableSpan], name: str) -> ReadableSpan:
    (found,) = [span for span in spans if span.name == name]
    return found


def inside(part: ReadableSpan, whole: ReadableSpan) -> bool:
    """In time; a commit's moments come from another process of this machine."""
    assert part.start_time and part.end_time and whole.start_time and whole.end_time
    slack = 5_000_000
    return whole.start_time - slack <= part.start_time <= part.end_time <= whole.end_time + slack


def test_a_message_is_followed_from_its_frame_to_its_delivery(
    store: Store, tmp_path: Path, noted: InMemorySpanExporter
) -> None:
    async def play() -> str:
        async with serving(store, tmp_path) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as writer, arun.connected() as reader:
                noted.clear()
                await writer.send(conversation, "hello", client_id="a")
                await next_event(reader, "message.posted")
                await asyncio.sleep(0.05)
        return conversation

    conversation = asyncio.run(play())
    spans = noted.get_finished_spans()
    frame = named(spans, "frame send")
    (command,) = below(spans, frame).values()
    assert command.name.startswith("command messaging.") or "send" in command.name
    parts = below(spans, command)
    assert set(parts) == {"queue", "commit", "deliver"}
    assert parts["commit"].attributes is not None
    assert parts["commit"].attributes["dealings.batch.commands"] == 1
    assert all(inside(part, frame) for part in [command, *parts.values()])
    assert not any("hello" in str(span.to_json()) or conversation in str(span.to_json()) for span in spans)


def test_a_request_goes_on_with_the_trace_that_it_came_with(
    store: Store, tmp_path: Path, noted: InMemorySpanExporter
) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            noted.clear()
            async with served.client(mei.token) as http:
                asked = await http.post("/contacts", json={"account": arun.id}, headers={"traceparent": PARENT})
                assert asked.status_code < 300
            await asyncio.sleep(0.05)

    asyncio.run(play())
    spans = noted.get_finished_spans()
    request = named(spans, "POST /api/v1/contacts")
    assert request.context is not None and request.attributes is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.attributes["http.response.status_code"] in (200, 201)
    command = below(spans, request)["command identity.ask_contact"]
    assert set(below(spans, command)) == {"queue", "commit", "deliver"}


def test_a_refusal_is_an_error_of_its_trace(store: Store, tmp_path: Path, noted: InMemorySpanExporter) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            async with mei.connected() as writer:
                noted.clear()
                with pytest.raises(Exception, match="conversation"):
                    await writer.send("nowhere", "hello", client_id="a")
                await asyncio.sleep(0.05)

    asyncio.run(play())
    frame = named(noted.get_finished_spans(), "frame send")
    assert frame.status.description == "messaging.no_such_conversation"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "dealings"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_wanted_where_there_is_a_place_for_them(environment: dict[str, str], wanted: bool) -> None:
    assert tracing.wanted(environment) is wanted


class Collector(BaseHTTPRequestHandler):
    """Takes whatever is sent to it."""

    taken: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        self.taken.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said."""


def test_what_is_noted_goes_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_COMPRESSION", *tracing.ENDPOINTS):
        monkeypatch.delenv(name, raising=False)
    tracing.turn_on()
    unasked = tracing.on
    assert unasked is None
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_address[1]}")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "tea-house")
        tracing.turn_on()
        begun = tracing.on
        assert isinstance(begun, otel.Tracing)
        asyncio.run(begun.operation("probe", asyncio.sleep(0)))
        tracing.turn_off()
        collector.shutdown()
    assert tracing.on is None
    ((path, body),) = Collector.taken
    assert path == "/v1/traces"
    assert b"frame probe" in body and b"tea-house" in body
