"""People, shops and conversations, made by the real commands: what tests of people and messages start from."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import channels, groups, invites, queries
from dealings.domain.messaging.membership import Joined, conversation_of
from dealings.domain.messaging.model import Conversation, Message, Post, Text
from dealings.domain.messaging.posting import post
from dealings.kernel.clock import ManualClock
from dealings.platform.db.actions import Command, Outcome, Stored
from dealings.platform.db.lane import Lane
from tests.world import World


@dataclass
class Town:
    world: World

    def sign_up(self, handle: str, name: str = "") -> str:
        return self.world.run(identity.sign_up, handle=handle, name=name or handle.title(), password_hash="x")

    def people(self, *handles: str) -> list[str]:
        return [self.sign_up(handle) for handle in handles]

    def befriend(self, one: str, *others: str) -> None:
        for other in others:
            self.world.run(identity.ask_contact, me=one, other=other)
            self.world.run(identity.accept_contact, me=other, other=one)

    def shop(self, owner: str, handle: str = "tea.house", *staff: str) -> str:
        """`staff` by handle."""
        given = {"handle": handle, "name": handle.title(), "tagline": "", "currency": "CNY"}
        shop = self.world.run(identity.open_shop, owner=owner, **given).id
        for member in staff:
            self.world.run(identity.hire, shop=shop, by=owner, handle=member)
        return shop

    def direct(self, one: str, other: str) -> str:
        self.befriend(one, other)
        return self.world.run(messaging.open_direct, me=one, other=other).id

    def group(self, owner: str, *members: str, name: str = "Family") -> str:
        """The members become contacts of the owner first."""
        self.befriend(owner, *members)
        return self.world.run(groups.open_group, owner=owner, name=name, members=list(members)).id

    def channel(self, owner: str, *followers: str, name: str = "News", listed: bool = False) -> str:
        """One that can be found only if it is `listed`."""
        made = self.world.run(channels.open_channel, owner=owner, name=name, notice="", listed=listed).id
        code = self.link(owner, made)
        for account in followers:
            self.world.run(invites.join, conversation=made, account=account, code=code)
        return made

    def link(
        self,
        by: str,
        group: str,
        *,
        expires_in_seconds: int | None = None,
        uses: int | None = None,
        approval: bool = False,
    ) -> str:
        """The code of a new link."""
        terms = {"expires_in_seconds": expires_in_seconds, "uses": uses}
        return self.world.run(invites.create_invite, conversation=group, by=by, approval=approval, **terms).code

    def join(self, account: str, code: str) -> Joined:
        return self.world.run(invites.join, conversation=conversation_of(code), account=account, code=code)

    def thread(self, shop: str, buyer: str) -> str:
        return self.world.run(messaging.open_shop, shop=shop, buyer=buyer).id

    def say(self, sender: str | None, conversation: str, text: str = "hello", *, client_id: str = "") -> Message:
        item = Post(conversation, sender, client_id or self.world.uuid(), Text(text))
        return self.world.one(post, item)

    def view(self, account: str, conversation: str) -> Conversation:
        return self.world.read(queries.conversation, conversation=conversation, account=account)

    def history(self, account: str, conversation: str) -> list[Message]:
        return self.world.read(
            queries.history, conversation=conversation, account=account, before=None, after=None, limit=200
        )

    def told(self, stream: str, kind: str = "") -> list[Stored]:
        """The events of a stream, of one kind if it is given."""
        return [e for e in self.world.events if e.stream == stream and kind in ("", e.kind)]

    def forget(self) -> None:
        """Look only at the events from here on."""
        self.world.events.clear()

    def at_once(self, batches: Sequence[Sequence[Command]]) -> list[list[Outcome]]:
        """Each batch command by command on a lane of its own, all started together.

        PostgreSQL runs the lanes truly side by side; on SQLite they take turns at the one writer.
        """
        answers: list[list[Outcome]] = [[] for _ in batches]
        gate = threading.Barrier(len(batches))
        seeds = [self.world.rng.getrandbits(64) for _ in batches]

        def work(number: int) -> None:
            lane = Lane(self.world.store, clock=ManualClock(self.world.clock()), rng=Random(seeds[number]))
            gate.wait()
            for command in batches[number]:
                answers[number] += lane.execute([command]).outcomes
            lane.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(len(batches))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(a) for a in answers] == [len(batch) for batch in batches], "a lane died"
        assert not any(outcome.crashed for answer in answers for outcome in answer)
        return answers
