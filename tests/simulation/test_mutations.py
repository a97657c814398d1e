"""The simulation can fail: each of these faults, put in on purpose, is found within a few seeds.

They are the faults that the promises are about: a message twice, out of order, lost or made up; a client that stays behind.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest

from dealings.client.link import Do, Link
from dealings.client.messenger import Messenger
from dealings.edge.gateway.gateway import Gateway
from dealings.edge.gateway.hub import Hub
from dealings.edge.gateway.session import Session
from tests.simulation.seeded import seeds
from tests.simulation.seeded.node import SlowLane
from tests.simulation.seeded.seeds import Failed, Template

SEEDS_MOST = 150


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    with seeds.template() as made:
        yield made


def resent_under_another_id() -> Any:
    original = Messenger._over

    def over(self: Messenger, number: int) -> Any:
        request = original(self, number)
        for item in self.unsent:
            if request is not None and item.client_id == request.what and self.link.state != "live":
                item.client_id = self.new_client_id(self._now)
                self._out.append(Do("keep", item))
        return request

    return mock.patch.object(Messenger, "_over", over)


def sent_without_waiting_for_the_one_before() -> Any:
    original = Messenger._ask

    def ask(self: Messenger, op: str, conversation: str, what: Any, **fields: Any) -> None:
        if op != "send":
            original(self, op, conversation, what, **fields)
            return
        waiting = [i for i in self.unsent if i.conversation == conversation and i.state == "waiting"]
        for item in waiting:
            if all(request.what != item.client_id for request in self._requests.values()):
                given = {"client_id": item.client_id, "body": item.body}
                original(self, op, conversation, item.client_id, **given)
                self._busy.discard((op, conversation))

    return mock.patch.object(Messenger, "_ask", ask)


def gaps_not_fetched() -> Any:
    def only_what_is_opened(self: Messenger) -> None:
        for id in self._opening:
            self._ask("history", id, "newest", limit=50)

    return mock.patch.object(Messenger, "_ask_gaps", only_what_is_opened)


def reading_not_said_again() -> Any:
    original = Messenger._over

    def over(self: Messenger, number: int) -> Any:
        request = original(self, number)
        if request is not None and request.op == "read":
            self._reads.pop(request.conversation, None)
        return request

    return mock.patch.object(Messenger, "_over", over)


def events_not_counted() -> Any:
    return mock.patch.object(Link, "_ponged", lambda self, frame, error: setattr(self, "_pinged", False))


def cursor_believed_unconfirmed() -> Any:
    original = Link._deliver

    def deliver(self: Link, frame: Any) -> None:
        original(self, frame)
        self.cursor = self._seen or self.cursor

    return mock.patch.object(Link, "_deliver", deliver)


def outbox_forgotten_at_restart() -> Any:
    original = Messenger.__post_init__

    def empty(self: Messenger) -> None:
        original(self)
        self.unsent = []

    return mock.patch.object(Messenger, "__post_init__", empty)


def told_before_the_commit() -> Any:
    """… which then fails: the lane dies before it, and clients have heard of what never was."""
    original = SlowLane._commit

    def commit(self: SlowLane) -> None:
        if self.die == "before":
            send = self._lane._send
            self._lane._send = lambda statement: send("ROLLBACK" if statement == "COMMIT" else statement)  # type: ignore[method-assign]
            batch = self._lane.execute([asked for asked, _ in self._queue])
            self._node.committed(batch.events, batch.horizon)
            self._lane._send = send  # type: ignore[method-assign]
        original(self)

    return mock.patch.object(SlowLane, "_commit", commit)


def held_frame_forgotten() -> Any:
    original = Session.release

    def release(self: Session) -> None:
        self._held = (self._held or [])[1:]
        original(self)

    return mock.patch.object(Session, "release", release)


def nobody_told_that_events_were_lost() -> Any:
    """A lane dies between commit and delivery, and the connections are kept."""
    return mock.patch.object(Gateway, "part_all")


def joining_not_followed() -> Any:
    return mock.patch.object(Hub, "_follow")


MUTATIONS: list[Callable[[], AbstractContextManager[Any]]] = [
    resent_under_another_id,
    sent_without_waiting_for_the_one_before,
    gaps_not_fetched,
    reading_not_said_again,
    events_not_counted,
    cursor_believed_unconfirmed,
    outbox_forgotten_at_restart,
    told_before_the_commit,
    held_frame_forgotten,
    nobody_told_that_events_were_lost,
    joining_not_followed,
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_fault_put_in_is_found(mutation: Callable[[], AbstractContextManager[Any]], template: Template) -> None:
    with mutation():
        found = next((seed for seed in range(SEEDS_MOST) if failure(seed, template)), None)
    assert found is not None, f"{SEEDS_MOST} seeds did not find it"
    assert not failure(found, template), "this seed fails without it, too"


def failure(seed: int, template: Template) -> str:
    try:
        with template.copy() as store:
            seeds.play(seed, store, template.scene)
    except Failed as failed:
        return str(failed)
    return ""
