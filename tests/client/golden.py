"""Golden traces: what a link is told, when, and what it then does; what a state is told, and what it then knows.

`python -m tests.client.golden` writes them anew from the Python client; the web's (web/shared/golden.test.ts) must
do the same to the letter.
"""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from dealings.client.link import Link
from dealings.client.state import State, Thread

GOLDEN = Path(__file__).parents[1] / "golden"
Trace = dict[str, Any]
Player = Callable[[Trace], Iterator[dict[str, Any]]]


def traces(kind: str) -> dict[str, Trace]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((GOLDEN / kind).glob("*.json"))}


def played(trace: Trace) -> Iterator[dict[str, Any]]:
    """Each step with what the link does, and when it wants to be called next."""
    chance = iter(trace["random"])
    link = Link(random=lambda: next(chance), hello=trace["hello"], cursor=trace["cursor"])
    for step in trace["steps"]:
        _tell(link, step)
        did = [msgspec.to_builtins(do) for do in link.take()]
        yield {"did": did, "state": link.state, "due": link.due, "cursor": link.cursor}


def _tell(link: Link, step: dict[str, Any]) -> None:
    now, given = step["at"], step.get("with", {})
    match step["on"]:
        case "received":
            frame = given["frame"]
            link.received(now, frame if isinstance(frame, str) else json.dumps(frame))
        case "ask" | "say" as call:
            getattr(link, call)(now, given["op"], **given.get("fields", {}))
        case "closed":
            link.closed(now, **given)
        case call:
            getattr(link, call)(now)


def followed(trace: Trace) -> Iterator[dict[str, Any]]:
    """What is known of the conversation, of its opened stretch and of what came too early, after each event."""
    state = State(trace["me"])
    state.conversations["c"] = trace["conversation"]
    state.threads["c"] = Thread(trace["thread"], from_start=True)
    for step in trace["steps"]:
        state.change(step["ev"], copy.deepcopy(step["data"]))
        thread = state.threads.get("c")
        yield {
            "conversation": copy.deepcopy(state.conversations.get("c")),
            "thread": None if thread is None else [message["seq"] for message in thread.messages],
            "ahead": sorted(state.ahead.get("c", {})),
        }


PLAYERS: dict[str, Player] = {"link": played, "state": followed}


def main() -> None:
    for kind, play in PLAYERS.items():
        for name, trace in traces(kind).items():
            for step, then in zip(trace["steps"], list(play(copy.deepcopy(trace))), strict=True):
                step["then"] = then
            (GOLDEN / kind / f"{name}.json").write_text(_written(trace), "utf-8")


def _written(trace: Trace) -> str:
    """One line a step, so that a change reads well."""
    steps = ",\n".join("    " + json.dumps(step, ensure_ascii=False) for step in trace["steps"])
    head = {name: value for name, value in trace.items() if name != "steps"}
    lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}," for name, value in head.items()]
    return "\n".join(["{", *lines, '  "steps": [', steps, "  ]", "}", ""])


if __name__ == "__main__":
    main()
