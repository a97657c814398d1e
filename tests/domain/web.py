"""The whole HTTP API over a test's store, without a socket: cookies, keys, access and refusals as they are served."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image

from dealings.edge.web.app import Services, create_app
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files.store import FolderFiles
from dealings.settings import Settings
from tests.world import World

PASSWORD = "correct horse battery"
ORIGIN = "https://deal.example"


class Web:
    """A browser: it keeps its cookie."""

    def __init__(self, world: World, client: TestClient[Litestar]) -> None:
        self.world, self.client = world, client

    def send(self, method: str, path: str, body: object = None, *, token: str = "", **more: Any) -> Any:
        """The bare response; with `token`, as a program that has no cookie."""
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        if body is not None:
            more["json"] = body
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def ask(self, method: str, path: str, body: object = None, *, status: int = 0, **more: Any) -> Any:
        """What is answered; fails if it is a refusal."""
        response = self.send(method, path, body, **more)
        assert response.status_code == status if status else response.status_code < 300, response.text
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str]:
        response = self.send(method, path, body, **more)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["code"]

    def sign_up(self, handle: str) -> dict[str, Any]:
        """Signed in from here on; `id` and `token`."""
        given = {"handle": handle, "name": handle.title(), "password": PASSWORD}
        answered = self.ask("POST", "/accounts", given, status=201)
        return {"id": answered["me"]["id"], "token": answered["token"]}

    def befriend(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        self.ask("POST", "/contacts", {"account": other["id"]}, token=one["token"])
        self.ask("POST", f"/contacts/{one['id']}/accept", token=other["token"])


@contextmanager
def served(world: World, folder: Path) -> Iterator[Web]:
    run = Run(InlineLanes(world.direct.lane, lambda events, *_: world.events.extend(events)))
    reads = Reads(world.store)
    settings = Settings(folder, public_url=ORIGIN, requests_per_second=10_000)
    app = create_app(Services(settings, run, reads, FolderFiles(folder / "files"), world.clock))
    with TestClient(cast(Litestar, app), base_url="http://localhost") as client:
        yield Web(world, client)
    reads.close()


def picture(width: int = 300) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, width), "#c23b22").save(written, "PNG")
    return written.getvalue()
