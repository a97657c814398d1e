"""Keys: the same key and input give the first answer, however often they come (P8).

Also when the first is still being committed, as after a lane or its connection died: PostgreSQL shows each statement
what is committed by then, so the key may be looked for just before that commit and the state just after it. What
then would be refused because it is done already is told from what can't be done by looking for the key once more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from dealings.kernel.errors import KeyReused, Refusal
from dealings.platform.db.actions import Action, Command, Outcome, Together
from dealings.platform.db.tx import LostRace, Tx
from dealings.platform.outbox import tables as outbox
from dealings.platform.outbox.tables import Answer

Slot = tuple[str, str]
"""Whose key, and which."""


def answer(tx: Tx, registered: Action[..., Any], command: Command) -> Any:
    """Run under a key: the first time does it, every other time gives the first answer."""
    slot, fingerprint = _slot(command), command.fingerprint(registered.unkeyed)
    found = outbox.find_answers(tx, [slot]).get(slot)
    if found is not None:
        if found.fingerprint != fingerprint:
            raise KeyReused()
        return msgspec.json.decode(found.value, type=registered.returns)
    try:
        value = registered(tx, **command.arguments)
    except Refusal:
        _check_not_done(tx, {slot})
        raise
    outbox.insert_answers(tx, {slot: _kept(fingerprint, value)})
    return value


def _check_not_done(tx: Tx, refused: Collection[Slot]) -> None:
    """Run again what was done under its key while this looked: the next time it finds the answer."""
    if tx.dialect == "postgresql" and outbox.find_answers(tx, refused):  # SQLite has one writer
        raise LostRace


def _slot(command: Command) -> Slot:
    assert command.key is not None
    return command.actor or "-", command.key


def _kept(fingerprint: str, value: object) -> Answer:
    return Answer(fingerprint, msgspec.json.encode(value).decode())


def answer_all(tx: Tx, registered: Together[..., Any], commands: Sequence[Command]) -> list[Outcome]:
    """Run a set, of which some have keys; an outcome each, in order.

    Of those with the same key the first has its turn; once it is done, the others get its answer, or `KeyReused` if
    they ask for something else. If it is refused nothing was done, so whoever asks for something else has a turn, too.
    """
    keys = _Keys(tx, registered, commands)
    outcomes: dict[int, Outcome] = {}
    waiting = list(range(len(commands)))
    while waiting:
        turn: dict[Slot | int, int] = {}
        for n in waiting:
            if keys.slot(n) in turn:
                continue
            known = keys.outcome(n)
            if known is not None:
                outcomes[n] = known
            else:
                turn[keys.slot(n)] = n
        for n, outcome in zip(turn.values(), _run(tx, registered, [commands[n] for n in turn.values()]), strict=True):
            outcomes[n] = outcome
            keys.note(n, outcome)
        waiting = [n for n in waiting if n not in outcomes]
    keys.check_refused()
    keys.write()
    return [outcomes[n] for n in range(len(commands))]


def _run(tx: Tx, registered: Together[..., Any], commands: Sequence[Command]) -> list[Outcome]:
    if not commands:
        return []
    try:
        answers = registered.all(tx, (command.arguments for command in commands))
    except Refusal as refusal:
        if len(commands) == 1:
            raise
        raise AssertionError("a set is not refused as a whole: its function answers one by one") from refusal
    return [Outcome(refusal=a) if isinstance(a, Refusal) else Outcome(a) for a in answers]


class _Keys:
    """What is known under the keys of a set: from before, and from those of it that had their turn."""

    def __init__(self, tx: Tx, registered: Together[..., Any], commands: Sequence[Command]) -> None:
        self._tx = tx
        self._slots = {n: _slot(command) for n, command in enumerate(commands) if command.key}
        self._prints = {n: commands[n].fingerprint(registered.unkeyed) for n in self._slots}
        found = outbox.find_answers(tx, set(self._slots.values()))
        self._done: dict[Slot, tuple[str, Outcome]] = {
            slot: (kept.fingerprint, Outcome(msgspec.json.decode(kept.value, type=registered.returns)))
            for slot, kept in found.items()
        }
        self._refused: dict[tuple[Slot, str], Outcome] = {}
        self._new: dict[Slot, Answer] = {}

    def slot(self, n: int) -> Slot | int:
        """Those that share one have their turns one after the other."""
        return self._slots.get(n, n)

    def outcome(self, n: int) -> Outcome | None:
        """What this one is answered without a turn."""
        if n not in self._slots:
            return None
        slot, fingerprint = self._slots[n], self._prints[n]
        if slot in self._done:
            first, outcome = self._done[slot]
            return outcome if first == fingerprint else Outcome(refusal=KeyReused())
        return self._refused.get((slot, fingerprint))

    def note(self, n: int, outcome: Outcome) -> None:
        if n not in self._slots:
            return
        slot, fingerprint = self._slots[n], self._prints[n]
        if outcome.refusal is not None:
            self._refused[slot, fingerprint] = outcome
        else:
            self._done[slot] = fingerprint, outcome
            self._new[slot] = _kept(fingerprint, outcome.value)

    def check_refused(self) -> None:
        """None of those that were refused may have been done meanwhile."""
        _check_not_done(self._tx, {slot for slot, _ in self._refused if slot not in self._done})

    def write(self) -> None:
        outbox.insert_answers(self._tx, self._new)
