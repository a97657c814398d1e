"""The checker: it believes what the clients wrote down, and asks the server nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dealings.kernel.ids import Id
from tests.simulation.nodes.residents import Resident, Said, Seen

CURRENT_SECONDS = 10.0


@dataclass(frozen=True)
class Verdict:
    """What the game was like; a game in which nothing happened proves nothing."""

    said: int
    told: int
    slowest: float
    """Seconds from an answer to the last member's having been told."""
    counts: Counter[str]


def check(residents: Sequence[Resident]) -> Verdict:
    """Everything that was acknowledged was told to all, once, in one order, within CURRENT_SECONDS."""
    for resident in residents:
        assert resident.journal.faults == []
    by_talk: dict[Id, list[Resident]] = {}
    for resident in residents:
        for talk in resident.journal.seen:
            by_talk.setdefault(talk, []).append(resident)
    said = [note for resident in residents for note in resident.journal.said]
    slowest = max(
        _check_talk(members, [s for s in said if s.conversation == talk]) for talk, members in by_talk.items()
    )
    assert slowest <= CURRENT_SECONDS
    counts: Counter[str] = Counter()
    for resident in residents:
        counts.update(resident.journal.counts)
    return Verdict(len(said), sum(len(seen) for r in residents for seen in r.journal.seen.values()), slowest, counts)


def _check_talk(members: Sequence[Resident], said: Sequence[Said]) -> float:
    """The longest that one of its messages took to reach a member."""
    if not said:
        return 0.0
    talk = said[0].conversation
    first = members[0].journal.seen[talk]
    assert sorted(first) == list(range(1, len(first) + 1)), f"{talk}: the numbers have gaps"
    order = {seq: _content(seen) for seq, seen in first.items()}
    for member in members:
        assert {seq: _content(seen) for seq, seen in member.journal.seen[talk].items()} == order, f"{talk}: two orders"
    ids = [client_id for client_id, _, _ in order.values()]
    assert len(set(ids)) == len(ids), f"{talk}: a message was doubled"
    for note in said:
        assert order.get(note.seq) == (note.client_id, note.sender, note.text), (
            f"an acknowledged message is lost: {note}"
        )
    assert len(said) == len(order), f"{talk}: there is something that nobody said"
    return max(member.journal.seen[talk][note.seq].at - note.at for note in said for member in members)


def _content(seen: Seen) -> tuple[str, Id | None, str]:
    return seen.client_id, seen.sender, seen.text
