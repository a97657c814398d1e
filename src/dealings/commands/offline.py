"""The store of some settings, for commands that run beside a server or without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

from dealings import main
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Ids
from dealings.platform.bus import roster
from dealings.platform.db.actions import Command
from dealings.platform.db.direct import Direct
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import Store, open_store
from dealings.settings import Settings


def make_folder(folder: Path) -> None:
    """For its owner alone: what everybody says is in it. One that is there keeps the rights it has."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def prepare(settings: Settings) -> Store:
    """The store, with its folder made and its schema brought up to date."""
    make_folder(settings.data)
    store = open_store(settings.location)
    migrate(store, incarnation=Ids(system_clock, SystemRandom())())
    return store


@contextmanager
def offline(settings: Settings) -> Iterator[Direct]:
    """The store, worked on directly; a server may be running beside it.

    Nodes on the same PostgreSQL hear nothing from a command. So it signs their roster with whatever it commits, and as it
    never says what it has told, they look into the log until its signature has lapsed.
    """
    assert main  # every action is registered
    signs = Command(roster.sign.name, {"node": settings.node, "wanted": []}) if settings.database_url else None
    here = Direct(prepare(settings), clock=system_clock, rng=SystemRandom(), alongside=signs)
    try:
        yield here
    finally:
        here.close()
