"""What a node on PostgreSQL needs to be one of several, made before it has anything to tell."""

from dataclasses import dataclass

from dealings.edge.nodes.duties import Duties
from dealings.edge.nodes.interests import Interests
from dealings.kernel.ids import Id
from dealings.platform.bus.bus import Bus, NoBus
from dealings.platform.bus.speaking import Speaker
from dealings.platform.bus.wire import Subjects
from dealings.settings import Settings


@dataclass(frozen=True, slots=True)
class Company:
    node: Id
    bus: Bus
    subjects: Subjects
    speaker: Speaker
    interests: Interests
    duties: Duties


def keep_company(settings: Settings, *, incarnation: str) -> Company:
    """With NATS, the others are told at once; without it, they find what was committed in the log, half a second later."""
    bus, subjects = _bus(settings), Subjects(incarnation)
    speaker = Speaker(bus, subjects, node=settings.node)
    return Company(settings.node, bus, subjects, speaker, Interests(bus, subjects, speaker), Duties())


def _bus(settings: Settings) -> Bus:
    if not settings.nats_url:
        return NoBus()
    from dealings.platform.bus.nats_bus import NatsBus, NatsSettings

    servers = NatsSettings(
        servers=[url.strip() for url in settings.nats_url.split(",")],
        credentials=settings.nats_credentials,
        authority=settings.nats_authority,
        certificate=settings.nats_certificate,
        key=settings.nats_key,
    )
    return NatsBus(servers, name=f"dealings {settings.node}")
