"""A session that is ended ends alone: the other devices of the account are neither told nor closed."""

from dataclasses import dataclass, field

from dealings.domain.identity import actions
from dealings.edge.gateway.hub import Hub
from dealings.edge.state import resume
from dealings.platform.outbox import events as streams
from tests.world import World


@dataclass(eq=False)
class Device:
    session: str
    account: str = ""
    streams: set[str] = field(default_factory=set)
    told: int = 0
    heard: list[bytes] = field(default_factory=list)
    closed: bool = False

    def tell(self, frame: bytes) -> None:
        self.heard.append(frame)

    def revoke(self) -> None:
        self.closed = True


def test_P7_ending_a_session_concerns_no_other(world: World) -> None:
    mei = world.run(actions.sign_up, handle="mei", name="Mei", password_hash="x")
    given = {"account": mei, "verified": "x", "agent": "", "address": ""}
    phone, laptop = (Device(world.run(actions.open_session, token_hash=token, **given)) for token in "ab")
    hub = Hub("0" * 16)
    for device in (phone, laptop):
        hub.subscribe(device, [streams.account(mei)])
    before = world.read(lambda db: db.horizon())
    world.run(actions.revoke_session, account=mei, session=phone.session)
    hub.publish(world.events, before + 1)
    assert (phone.closed, len(phone.heard)) == (True, 1)
    assert (laptop.closed, laptop.heard) == (False, [])
    assert world.read(resume, account=mei, shops=[], after=before).events == []
