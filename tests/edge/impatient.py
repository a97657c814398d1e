"""`dealings serve` with the same limits and less patience, so that a test sees the end of what is waited for."""

from dealings.cli import main
from dealings.edge.gateway import session
from dealings.edge.web import http

http.HEAD_SECONDS = 2.0  # type: ignore[misc]  # final for the program, not for its tests
session.HELLO_SECONDS = 1.0
session.IDLE_SECONDS = 5.0
session.QUEUE_MOST = 512 * 1024

if __name__ == "__main__":
    main()
