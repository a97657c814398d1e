"""Plays seeds: `python -m tests.simulation.seeded.seeds 17` plays seed 17 and prints what happened, line by line."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest import mock

from dealings import main as registered
from dealings.client import messenger
from dealings.client.messenger import Messenger
from dealings.edge import state
from dealings.edge.gateway import greeting, session
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore, Store
from tests.simulation.seeded import check, scene
from tests.simulation.seeded.life import LIFE
from tests.simulation.seeded.node import OUTSIDE
from tests.simulation.seeded.play import Play
from tests.simulation.seeded.scene import Scene
from tests.simulation.seeded.trouble import TROUBLES
from tests.simulation.seeded.virtual import VirtualLoop

assert registered
SHARED_MEMORY = Path("/dev/shm")


class Failed(AssertionError):
    """A seed whose end is not as it should be, with what led there."""

    def __init__(self, seed: int, lines: list[str], error: BaseException) -> None:
        super().__init__(f"seed {seed}: {error}")
        self.seed, self.lines, self.error = seed, lines, error

    @property
    def replay(self) -> str:
        return f".venv/bin/python -m tests.simulation.seeded.seeds {self.seed}"


class Template:
    """A store with the scene in it, and copies of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / "scene.db"
        store = SqliteStore(path)
        migrate(store, incarnation=scene.INCARNATION)
        self.scene = scene.prepare(store)
        with contextlib.closing(sqlite3.connect(path)) as driver:  # all of it into the one file that is copied
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._path = path
        self._copies = 0

    @contextlib.contextmanager
    def copy(self) -> Iterator[Store]:
        self._copies += 1
        name = f"seed {self._copies}.db"
        try:
            yield scene.copied(self._path, self._folder / name)
        finally:
            for left in self._folder.glob(f"{name}*"):
                left.unlink()


@contextlib.contextmanager
def template() -> Iterator[Template]:
    where = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="dealings-seeds-", dir=where) as folder:
        yield Template(Path(folder))


@contextlib.contextmanager
def squeezed(seed: int) -> Iterator[None]:
    """Limits that hours of talk would reach, within reach of a minute: too much missed, too slow, too many at the door."""
    rng = Random(f"limits of {seed}")
    limits = [
        mock.patch.object(state, "MISSED_MOST", rng.choice((3, 30, 1_000))),
        mock.patch.object(session, "QUEUE_MOST", rng.choice((3_000, 4_000_000))),
        mock.patch.object(greeting, "GREETING_MOST", 1_000),
        mock.patch.object(messenger, "HISTORY_LIMIT", rng.choice((2, 50))),
        mock.patch.object(messenger, "FAR_BEHIND", rng.choice((3, 300))),
    ]
    with contextlib.ExitStack() as stack:
        for limit in limits:
            stack.enter_context(limit)
        yield


def play(seed: int, store: Store, scene: Scene, *, client: type[Messenger] = Messenger) -> Play:
    """From the first step to the last check; raises `Failed`."""
    loop = VirtualLoop()
    made: list[Play] = []

    async def all_of_it() -> None:
        made.append(Play(seed, store, scene, loop, messenger=client))
        await made[0].run(LIFE, TROUBLES)
        await check.check(made[0])
        await made[0].end()

    try:
        with squeezed(seed):
            loop.run_until_complete(loop.create_task(all_of_it(), name=OUTSIDE))
        assert not loop.broken, loop.broken[0]
    except Exception as error:
        raise Failed(seed, made[0].lines if made else [], error) from error
    finally:
        loop.close()
    return made[0]


def main() -> None:
    with template() as made:
        for seed in map(int, sys.argv[1:]):
            try:
                with made.copy() as store:
                    lines = play(seed, store, made.scene).lines
                print("\n".join(lines), f"\nseed {seed}: all is well")
            except Failed as failed:
                print("\n".join(failed.lines), f"\n{failed}", file=sys.stderr)
                raise SystemExit(1) from failed


if __name__ == "__main__":
    main()
