"""The HTTP API's schema, asked of a running server, in docs/openapi.json, and the web's types made from it.

`python -m tools.schema` writes both; with --check it changes nothing and fails if either is out of date.
"""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "openapi.json"
TYPES = ROOT / "web" / "shared" / "schema.d.ts"
START_SECONDS = 30  # a cold machine under load; usually one


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="dealings-schema-") as folder:
        made = _make(Path(folder))
        return _compare(made) if "--check" in sys.argv[1:] else _write(made)


def _make(folder: Path) -> dict[Path, str]:
    """What each file should hold."""
    schema, types = folder / "openapi.json", folder / "schema.d.ts"
    with _server(folder / "data") as address:
        answer = json.loads(_fetch(f"{address}/api/openapi.json"))
    answer.pop("servers", None)  # where this one happened to run
    schema.write_text(json.dumps(answer, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    subprocess.run([ROOT / "tools/npm", "run", "--silent", "schema", "--", schema, "--output", types], check=True)
    return {SCHEMA: schema.read_text(), TYPES: types.read_text()}


def _write(made: dict[Path, str]) -> int:
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return 0


def _compare(made: dict[Path, str]) -> int:
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the server says; `make schema` renews it.", file=sys.stderr)
    return 1 if stale else 0


@contextlib.contextmanager
def _server(data: Path) -> Iterator[str]:
    """A server of our own, on a free port; gives its address."""
    port = _free_port()
    log = data.with_name("server.log")
    program = Path(sys.executable).with_name("dealings")
    with log.open("wb") as output:
        server = subprocess.Popen([program, "serve", "--data", data, "--port", str(port)], stdout=output, stderr=output)
    try:
        yield f"http://127.0.0.1:{port}"
    except ConnectionError:
        sys.exit(f"The server did not start:\n{log.read_text()}")
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _fetch(address: str) -> bytes:
    """The answer, as soon as there is one."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(address, timeout=START_SECONDS) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            raise ConnectionError(str(refused)) from refused
        except OSError:
            time.sleep(0.1)
    raise ConnectionError(f"No answer from {address} in {START_SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
