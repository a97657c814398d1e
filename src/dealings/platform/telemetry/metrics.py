"""What `/metrics` shows (Prometheus text format)."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

LANE_BATCH = Histogram(
    "dealings_lane_batch_commands", "Commands in one commit", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
)
LANE_COMMIT = Histogram("dealings_lane_commit_seconds", "From BEGIN to the end of COMMIT", buckets=SECONDS)
REQUESTS = Counter("dealings_http_requests_total", "HTTP requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("dealings_http_request_seconds", "Time to answer", ["method", "route"], buckets=SECONDS)
CONNECTIONS = Gauge("dealings_ws_connections", "Open WebSocket connections")
FRAMES_IN = Counter("dealings_ws_frames_received_total", "WebSocket frames received")
EVENTS_OUT = Counter("dealings_ws_events_sent_total", "Events written to WebSocket connections")
SLOW_CUT = Counter("dealings_ws_slow_consumers_total", "Connections cut because they read too slowly")
REFUSALS = Counter("dealings_refusals_total", "Refusals answered", ["code"])
CONSUMER_LAG = Gauge("dealings_consumer_lag_events", "Events a consumer has yet to deal with", ["consumer"])
TIMERS_FIRED = Counter("dealings_timers_fired_total", "Timers run")
