"""Traces, from a frame or request to its delivery (OpenTelemetry): off, unless the environment says where to send them.

``if tracing.on is not None`` is all that the hot path has of it. The variables are the standard's own: tracing begins
with OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) and obeys OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and the others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from dealings.platform.telemetry.otel import Tracing

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

on: Tracing | None = None
"""What notes traces; None while nobody wants any."""

logger = structlog.get_logger("dealings.tracing")


def wanted(environment: Mapping[str, str]) -> bool:
    """Is there a place to send traces to, and has nobody switched them off?"""
    switched_off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    return not switched_off and any(environment.get(name) for name in ENDPOINTS)


def turn_on() -> None:
    """As the environment says. Only after the lanes were forked: sending takes a thread."""
    global on
    if not wanted(os.environ):
        return
    try:
        from dealings.platform.telemetry import otel  # an extra of the package, and heavy
    except ImportError:
        logger.error("tracing_not_installed", hint="pip install 'dealings[tracing]'")
        return
    on = otel.exporting()


def turn_off() -> None:
    """Send what was noted."""
    global on
    ending, on = on, None
    if ending is not None:
        ending.close()
