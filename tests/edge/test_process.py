"""The program as an operator meets it: starts, answers, stops when told, and keeps what it promised."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 30


@contextmanager
def program(data: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`dealings serve` on a free port, and its address."""
    argv = [sys.executable, "-m", "dealings.cli", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, env=os.environ | environment)
    assert process.stderr is not None
    try:
        yield process, json.loads(process.stderr.readline())["address"]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def fetch(address: str, path: str, **headers: str) -> tuple[int, bytes]:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(address + path, headers=headers)) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        except urllib.error.URLError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.02)


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told(tmp_path: Path, wanted: signal.Signals) -> None:
    with program(tmp_path) as (process, address):
        assert json.loads(fetch(address, "/healthz")[1]) == {"status": "ok"}
        process.send_signal(wanted)
        assert process.wait(timeout=20) == 0


def test_metrics_are_for_this_machine_or_the_token(tmp_path: Path) -> None:
    with program(tmp_path, DEALINGS_METRICS_TOKEN="secret") as (_, address):
        assert fetch(address, "/metrics")[0] == 403
        status, text = fetch(address, "/metrics", Authorization="Bearer secret")
        assert status == 200
        assert b"dealings_lane_batch_commands" in text


def test_a_lane_that_is_killed_is_started_again(tmp_path: Path) -> None:
    with program(tmp_path) as (process, address):
        fetch(address, "/healthz")
        (lane,) = _children(process.pid)
        os.kill(lane, signal.SIGKILL)
        until = time.monotonic() + START_SECONDS
        while _sign_up(address, f"mei{time.monotonic_ns()}") != 201:
            assert time.monotonic() < until
        assert _children(process.pid) != [lane]


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _sign_up(address: str, handle: str) -> int:
    given = json.dumps({"handle": handle[:20], "name": "Mei", "password": "a long enough passphrase"}).encode()
    asked = urllib.request.Request(
        f"{address}/api/v1/accounts", given, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
