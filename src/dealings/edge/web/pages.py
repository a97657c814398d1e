"""The built web apps: read once, kept in memory with their compressed form, served from there."""

import gzip
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"  # their names carry a hash of what is in them
FRESH = "no-cache"
COMPRESSED = (".html", ".js", ".css", ".svg", ".json", ".webmanifest")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; object-src 'none'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


@dataclass(frozen=True)
class Page:
    path: Path
    hashed: bool

    @cached_property
    def content(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)

    def answer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        headers = {"Cache-Control": FOREVER if self.hashed else FRESH}
        kind = mimetypes.guess_type(self.path.name)[0] or "application/octet-stream"
        if self.path.suffix == ".html":
            headers["Content-Security-Policy"] = POLICY
        if self.path.suffix not in COMPRESSED:
            return Response(self.content, media_type=kind, headers=headers)
        headers["Vary"] = "Accept-Encoding"
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.content, media_type=kind, headers=headers)
        return Response(self.compressed, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


class Pages:
    """Finds the file for a path; what is no file belongs to the app whose router knows it."""

    def __init__(self, root: Path = STATIC) -> None:
        self._pages: dict[str, Page] = {}
        for app, base in (("app", ""), ("desk", "desk/")):
            for path in (root / app).rglob("*"):
                if path.is_file():
                    name = path.relative_to(root / app).as_posix()
                    self._pages[base + name] = Page(path, hashed=name.startswith("assets/"))

    def find(self, path: str) -> Page:
        name = path.strip("/")
        found = self._pages.get(name)
        if found is None and not name.startswith(("api/", "assets/", "desk/assets/")):
            index = "desk/index.html" if name == "desk" or name.startswith("desk/") else "index.html"
            found = self._pages.get(index)
        if found is None:
            raise NotFoundException()
        return found


@get(["/", "/{path:path}"], include_in_schema=False, sync_to_thread=False)
def page(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Response[bytes]:
    return pages.find(request.url.path).answer(request)
