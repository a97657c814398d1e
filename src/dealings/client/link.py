"""One client's way to the server, without sockets, clocks or chance: what comes in, and what is to be done about it.

A shell (`dealings.client.live` over asyncio, a simulation, a test) tells a `Link` what happens, each time with
the time, then does what `take` gives it and calls `tick` when `due` has come. What to do when is the table in
machine.json; here is only how. web/shared/link.ts is the same in TypeScript, held to the same traces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import msgspec

from dealings.client.machine import Row, machine

Json = dict[str, Any]
Millis = int
PROTOCOL = 1


class Do(msgspec.Struct, frozen=True):
    """Something for the shell to do: `open` and `close` a socket, `send` a frame; or something to know:
    `moved` (to a state), `greeted`, `afresh` (a whole state), `happened` (an event), `answered`, `unanswered`, `ended`."""

    do: str
    value: Any = None


class Failure(msgspec.Struct, frozen=True):
    """Why the server refused."""

    code: str
    message: str = ""
    retry_after_seconds: int | None = None

    @property
    def passing(self) -> bool:
        """Whether the same may go through later."""
        return self.retry_after_seconds is not None or self.code in ("unavailable", "overloaded")


class Answered(msgspec.Struct, frozen=True):
    id: int
    ok: Any = None
    error: Failure | None = None


@dataclass
class _Asked:
    op: str
    at: Millis


@dataclass
class Link:
    """One client's connections, one after the other. `cursor` is the position to come back with."""

    random: Callable[[], float]
    hello: Json = field(default_factory=dict)
    """What hello says besides protocol and cursor: token, agent, device."""
    cursor: str | None = None

    def __post_init__(self) -> None:
        self.table = machine()
        self.state = "offline"
        self._now: Millis = 0
        self._timers: dict[str, Millis] = {}
        self._asked: dict[int, _Asked] = {}
        self._number = self._sockets = 0
        self._attempts = 0
        self._held_off = False
        self._inputs: list[tuple[str, Json]] = []
        self._early: list[Json] | None = None
        self._replaying = self._pinged = False
        self._seen: str | None = None
        self._sum = 0
        """Over the events of this connection, to compare with what the server told (docs/protocol.md)."""
        self._unconfirmed = 0
        """How many came since they were last compared."""
        self._facts: Json = {}
        self._out: list[Do] = []

    # what happens

    def start(self, now: Millis) -> None:
        self._input("start", now)

    def stop(self, now: Millis) -> None:
        self._input("stop", now)

    def wake(self, now: Millis) -> None:
        self._input("wake", now)

    def lost_network(self, now: Millis) -> None:
        self._input("lost_network", now)

    def opened(self, now: Millis) -> None:
        if self._same_socket(now):
            self._step("opened")

    def closed(self, now: Millis, code: int = 1006) -> None:
        if self._same_socket(now):
            self._step("closed", code=code)

    def tick(self, now: Millis) -> None:
        """Time has passed: fire what is due."""
        self._pass_time(now)
        for name in sorted(self._timers, key=lambda name: (self._timers[name], name)):
            if self._timers.get(name, now + 1) <= now:
                del self._timers[name]
                self._step(name)

    def received(self, now: Millis, text: str) -> None:
        """A text frame. One that can't be read is passed over: the sum over events will show it."""
        if not self._same_socket(now):
            return
        try:
            frame = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return
        if not isinstance(frame, dict):
            return
        if "re" in frame:
            self._replied(frame)
        else:
            self._told(frame, text)

    def ask(self, now: Millis, op: str, **fields: Any) -> int | None:
        """Ask while live; the answer comes as `answered` or `unanswered` with this number. None: not live."""
        self._pass_time(now)
        return self._ask(op, fields) if self.state == "live" else None

    def say(self, now: Millis, op: str, **fields: Any) -> None:
        """Without an answer; lost when not live."""
        self._pass_time(now)
        if self.state == "live":
            self._put("send", {"op": op, **fields})

    # what is to be done

    @property
    def due(self) -> Millis | None:
        """When `tick` is wanted next."""
        return min(self._timers.values(), default=None)

    def take(self) -> list[Do]:
        """What is to be done, in order; each once."""
        taken, self._out = self._out, []
        return taken

    # time

    def _pass_time(self, now: Millis) -> None:
        if now < self._now:  # the clock was put back: what was due in a while is due in the same while
            self._timers = {name: at + now - self._now for name, at in self._timers.items()}
            for asked in self._asked.values():
                asked.at += now - self._now
        self._now = now
        if self.due is not None and now > self.due + self.table.constants["asleep_ms"]:
            self._step("slept")

    def _same_socket(self, now: Millis) -> bool:
        """False when, with the time that has passed, the socket that something came from is given up."""
        before = self._sockets
        self._pass_time(now)
        return before == self._sockets

    def _set(self, timer: str, after: float) -> None:
        self._timers[timer] = self._now + int(after)

    # the table

    def _input(self, on: str, now: Millis, **facts: Any) -> None:
        self._pass_time(now)
        self._step(on, **facts)

    def _step(self, on: str, **facts: Any) -> None:
        """One input after the other: what an output brings about waits until its row is done."""
        self._inputs.append((on, facts))
        if len(self._inputs) > 1:
            return
        while self._inputs:
            on, self._facts = self._inputs[0]
            row = self.table.row(self.state, on, lambda guard: getattr(self, f"_if_{guard}")())
            if row is not None:
                self._apply(row)
            del self._inputs[0]

    def _apply(self, row: Row) -> None:
        before, self.state = self.state, row.to
        if row.to != before:
            self._enter(row.to)
        for output in row.do:
            getattr(self, f"_{output}")()
        self._watch_answers()
        if row.to != before:
            self._put("moved", row.to)

    def _enter(self, state: str) -> None:
        for name, timer in self.table.timers.items():
            if state not in timer.kept_in:
                self._timers.pop(name, None)
            if state in timer.set_on_entering:
                self._set(name, self.table.constants[timer.set_on_entering[state]])

    def _put(self, do: str, value: Any = None) -> None:
        self._out.append(Do(do, value))

    # frames

    def _ask(self, op: str, fields: Json) -> int:
        self._number += 1
        self._asked[self._number] = _Asked(op, self._now)
        self._put("send", {"op": op, "id": self._number, **fields})
        self._watch_answers()
        return self._number

    def _watch_answers(self) -> None:
        """The request that waits longest is the one that tells whether anyone is there."""
        self._timers.pop("answer", None)
        if self._asked and self.state == "live":
            oldest = next(iter(self._asked.values()))
            self._timers["answer"] = oldest.at + self.table.constants["patience_ms"]

    def _replied(self, frame: Json) -> None:
        asked = self._asked.pop(frame["re"], None)
        if asked is None:
            return
        self._watch_answers()
        error = msgspec.convert(frame["error"], Failure) if "error" in frame else None
        if asked.op in ("hello", "state"):
            self._admitted(asked.op, frame, error)
        elif asked.op == "ping":
            self._ponged(frame, error)
        else:
            self._put("answered", Answered(frame["re"], frame.get("ok"), error))

    def _admitted(self, op: str, frame: Json, error: Failure | None) -> None:
        if error is not None:
            self._step("refused", error=error)
        else:
            self._step("greeted" if op == "hello" else "told_state", ok=frame["ok"])

    def _ponged(self, frame: Json, error: Failure | None) -> None:
        self._pinged = False
        told = None if error else frame["ok"].get("told")
        if told is not None:
            self._step("agreed" if told == self._sum else "differed")

    def _told(self, frame: Json, text: str) -> None:
        kind, data = frame.get("ev"), frame.get("data")
        if kind == "resumed":
            self._seen = frame["at"]
            self._step("resumed", told=frame.get("told"))
        elif kind == "leave" and isinstance(data, dict):
            self._step("leave", within_ms=data["within_ms"])
        elif frame.get("at") or self._replaying or self._counts_without_position(frame):
            self._add(frame, text)
            if self._early is not None:
                self._early.append(frame)
            else:
                self._deliver(frame)

    def _counts_without_position(self, frame: Json) -> bool:
        """Anything else without a position was replayed, and has been doubled or held up on its way."""
        own = isinstance(frame.get("data"), dict) and frame["data"].get("unread") is not None
        return frame.get("ev") in self.table.without_position and not own

    def _add(self, frame: Json, text: str) -> None:
        """What is in the log, and what is replayed from it."""
        if frame.get("at") or self._replaying:
            self._sum = (self._sum * 31 + crc32(text.encode())) & 0xFFFFFFFF
            self._unconfirmed += 1
            self._check_soon()

    def _check_soon(self) -> None:
        if self.state != "live" or self._pinged:
            return
        at_once = self._unconfirmed >= self.table.constants["check_after_events"]
        check = self._now + (0 if at_once else self.table.constants["check_after_ms"])
        self._timers["ping"] = min(self._timers.get("ping", check), check)

    def _deliver(self, frame: Json) -> None:
        self._seen = frame.get("at") or self._seen
        self._put("happened", frame)
        if frame.get("ev") == "session.revoked":
            self._step("revoked")

    # guards

    def _code(self) -> str:
        error: Failure | None = self._facts.get("error")
        return error.code if error else ""

    def _retry_after(self) -> int | None:
        error: Failure | None = self._facts.get("error")
        return error.retry_after_seconds if error else None

    def _if_resuming(self) -> bool:
        return bool(self._facts["ok"]["resumed"])

    def _if_complete(self) -> bool:
        told = self._facts["told"]
        return told is None or bool(told == self._sum)

    def _if_signed_out(self) -> bool:
        return self._code() == "identity.not_signed_in"

    def _if_too_old(self) -> bool:
        return self._code() == "protocol.version"

    def _if_says_when(self) -> bool:
        return self._retry_after() is not None

    def _if_session_over(self) -> bool:
        return bool(self._facts["code"] == 4001)

    def _if_returning(self) -> bool:
        return "retry" in self._timers

    def _if_restarting(self) -> bool:
        return bool(self._facts["code"] == 1012)

    def _if_shed(self) -> bool:
        return bool(self._facts["code"] == 1013)

    def _if_held_off(self) -> bool:
        return self._held_off

    # outputs

    def _open(self) -> None:
        self._sockets += 1
        self._timers.pop("retry", None)
        self._early, self._seen = [], None
        self._sum = self._unconfirmed = 0
        self._held_off = self._replaying = self._pinged = False
        self._put("open")

    def _close(self) -> None:
        self._put("close")
        self._drop()

    def _drop(self) -> None:
        self._early = None
        asked, self._asked = self._asked, {}
        for number, one in asked.items():
            if one.op not in ("hello", "state", "ping"):
                self._put("unanswered", number)

    def _say_hello(self) -> None:
        self._ask("hello", {"protocol": PROTOCOL, "cursor": self.cursor, **self.hello})

    def _take_greeting(self) -> None:
        self._replaying = bool(self._facts["ok"]["resumed"])
        self._put("greeted", self._facts["ok"])

    def _sum_anew(self) -> None:
        self._sum, self._replaying = 0, False

    def _ask_state(self) -> None:
        self._ask("state", {})

    def _take_state(self) -> None:
        self.cursor = self._seen = self._facts["ok"]["cursor"]
        self._put("afresh", self._facts["ok"])

    def _confirm(self) -> None:
        self.cursor = self._seen or self.cursor
        self._unconfirmed = 0

    def _release(self) -> None:
        early, self._early = self._early or [], None
        for frame in early:
            self._deliver(frame)

    def _send_ping(self) -> None:
        if not self._pinged:
            self._pinged = True
            self._ask("ping", {})
        self._set("ping", self.table.constants["ping_every_ms"])

    def _wait(self, least: float, most: float) -> None:
        self._set("retry", least + (most - least) * self.random())

    def _back_off(self) -> None:
        constants = self.table.constants
        step = min(constants["longest_delay_ms"], constants["first_delay_ms"] * 2 ** min(self._attempts, 16))
        self._attempts += 1
        self._wait(0, step)

    def _wait_as_told(self) -> None:
        told = 1000 * (self._retry_after() or 1)
        self._hold_off(told, 2 * told)

    def _wait_longest(self) -> None:
        longest = self.table.constants["longest_delay_ms"]
        self._wait(longest, 2 * longest)

    def _wait_shed(self) -> None:
        shed = self.table.constants["shed_ms"]
        self._hold_off(shed, 2 * shed)

    def _spread_return(self) -> None:
        self._hold_off(0, self.table.constants["restart_spread_ms"])

    def _plan_return(self) -> None:
        self._hold_off(0, max(0, self._facts["within_ms"]))

    def _hold_off(self, least: float, most: float) -> None:
        self._held_off = True
        self._wait(least, most)

    def _forget_attempts(self) -> None:
        self._attempts = 0

    def _end_session(self) -> None:
        self._put("ended", "session")

    def _end_old(self) -> None:
        self._put("ended", "old")
