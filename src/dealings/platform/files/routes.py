"""GET /files/{name}: pictures, cacheable for ever because a name never means anything else."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import Parameter

from dealings.kernel.errors import Missing
from dealings.platform.files import store
from dealings.platform.files.store import Files

HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class NoSuchFile(Missing):
    code = "file.missing"
    text = "There is no such file."


@get(
    "/files/{name:str}",
    operation_id="serve_file",
    media_type="image/webp",
    exclude_from_auth=True,
)
async def serve_file(
    name: Annotated[str, Parameter(max_length=80)],
    files: NamedDependency[Files],
    w: Annotated[int | None, Parameter(ge=1, le=4096, description="Wanted width in pixels: 160, 480 or 960")] = None,
) -> Response[bytes]:
    """A picture as WebP, in the smallest kept size that is at least `w` wide."""
    data = await store.find_picture(files, name, width=w)
    if data is None:
        raise NoSuchFile()
    return Response(data, media_type="image/webp", headers=HEADERS)


ROUTES: Final = [serve_file]
