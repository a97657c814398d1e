"""A server as anyone would run it: ``dealings serve`` as a process of its own, on a free port."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 60.0  # two cores may be busy with other tests
PASSWORD = "long-leaves-unfurl"


class Place:
    """A data folder and the server over it, which can be killed and started again on the same port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = _free_port()
        self.log = data.with_name(f"{data.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once it answers."""
        command = [sys.executable, "-m", "dealings.cli", "serve", "--data", str(self.data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=_environment(), stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not _healthy(self.url):
            assert self._process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-4000:]
            time.sleep(0.05)

    def kill(self) -> None:
        """As if the power went: no goodbye to anyone."""
        self._end(gently=False)

    def stop(self) -> None:
        self._end(gently=True)

    def _end(self, *, gently: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if gently:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
        process.kill()
        process.wait()

    def command(self, *arguments: str) -> str:
        """`dealings …` beside the running server."""
        command = [sys.executable, "-m", "dealings.cli", *arguments, "--data", str(self.data)]
        done = subprocess.run(command, env=_environment(), capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def caller(self, handle: str, password: str = PASSWORD) -> "Caller":
        """Someone who has an account, on the API."""
        return Caller(self.url, httpx.post(f"{self.url}/api/v1/sessions", json=_pass(handle, password), timeout=20))

    def newcomer(self, handle: str, name: str, locale: str = "zh-CN") -> "Caller":
        given = _pass(handle, PASSWORD) | {"name": name, "locale": locale}
        return Caller(self.url, httpx.post(f"{self.url}/api/v1/accounts", json=given, timeout=20))


class Caller:
    """A person's way to the API, for what a test checks beside the screen, or what came before it."""

    def __init__(self, url: str, signed_in: httpx.Response) -> None:
        answer = signed_in.raise_for_status().json()
        self.me = answer["me"]
        self.token = answer["token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        self._http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=20)

    def get(self, path: str, **query: Any) -> Any:
        return self._http.get(path, params=query).raise_for_status().json()

    def post(self, path: str, **given: Any) -> Any:
        answered = self._http.post(path, **given).raise_for_status()
        return answered.json() if answered.content else None

    def wear(self, portrait: bytes) -> None:
        self._http.put("/me/avatar", files={"file": ("me.jpg", portrait, "image/jpeg")}).raise_for_status()


def befriend(one: Caller, other: Caller) -> str:
    """Two contacts; the id of their conversation."""
    one.post("/contacts", json={"account": other.me["id"]})
    other.post(f"/contacts/{one.me['id']}/accept")
    opened = one.post("/conversations", json={"kind": "direct", "account": other.me["id"]})
    return str(opened["id"])


def _pass(handle: str, password: str) -> dict[str, str]:
    return {"handle": handle, "password": password}


def _environment() -> dict[str, str]:
    """With play money; everyone in a test comes from one address, so that it may ask as often as a crowd."""
    return os.environ | {"DEALINGS_SANDBOX": "1", "DEALINGS_REQUESTS_PER_SECOND": "2000"}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
