"""A world for tests: a store, an inline lane, a clock that stands still, seeded randomness."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, ParamSpec, TypeVar, cast

from dealings.kernel.clock import ManualClock, Millis
from dealings.kernel.ids import uuid7
from dealings.platform.db.actions import Action, Command, Outcome, SetAction, Stored
from dealings.platform.db.direct import Direct, answer
from dealings.platform.db.stores import Store
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox

P = ParamSpec("P")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741

START: Millis = 1_767_225_600_000  # 2026-01-01


@dataclass
class World:
    """Everything a test of behaviour needs, the same on both stores."""

    store: Store
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    rng: Random = field(default_factory=lambda: Random(1))
    events: list[Stored] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.direct = Direct(self.store, clock=self.clock, rng=self.rng)
        self.read = self.direct.read

    def run(self, action: Action[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """As the system itself, without a key."""
        return self.by(None)(action, *args, **kwargs)

    def by(self, actor: str | None, *, key: str | None = None) -> "Asker":
        return Asker(self, actor, key)

    def one(self, action: SetAction[I, R], item: I, *, actor: str | None = None) -> R:
        return cast(R, self.submit(Command(action.name, {}, actor, item=item)))

    def submit(self, command: Command) -> Any:
        return answer(self.batch([command])[0])

    def batch(self, commands: list[Command]) -> list[Outcome]:
        """Run together, in one commit."""
        done = self.direct.execute(commands)
        self.events += done.events
        return done.outcomes

    def uuid(self) -> str:
        return uuid7(self.clock(), self.rng)

    def pass_time(self, by: Millis) -> None:
        """Move the clock on and run every timer that is due, in order, as the jobs would."""
        until = self.clock() + by
        while (due := self.read(outbox.next_due)) is not None and due <= until:
            self.clock.now = max(self.clock.now, due)
            for timer in self.read(outbox.due_timers, now=self.clock(), limit=100):
                self.run(consumers.fire_timer, timer=timer)
        self.clock.now = until

    def react(self) -> None:
        """Let every consumer catch up."""
        for name in consumers.CONSUMERS:
            while self.run(consumers.consume, name=name):
                pass

    def close(self) -> None:
        self.direct.close()


@dataclass
class Asker:
    world: World
    actor: str | None
    key: str | None = None

    def __call__(self, action: Action[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        assert not args
        return cast(R, self.world.submit(Command(action.name, kwargs, self.actor, self.key)))
