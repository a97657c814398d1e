"""Two whole nodes in the test's process, on one PostgreSQL, with a NATS server between them or without."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dealings.edge.nodes.among import Among
from dealings.platform.db.stores import Store
from tests.conftest import fresh_store
from tests.edge.serving import Member, Served, serving
from tests.nats_servers import NatsServer, nats_cluster


@dataclass
class Two:
    one: Served
    other: Served

    def at_other(self, member: Member) -> Member:
        """The same person, signed in with the same session, at the other node."""
        return Member(self.other, member.id, member.token)


def among(served: Served) -> Among:
    others = served.node.others
    assert isinstance(others, Among)
    return others


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with fresh_store(request, "postgres", tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_cluster(tmp_path_factory.mktemp("nats"), size=1) as (server,):
        yield server


Open = Callable[..., AbstractAsyncContextManager[Two]]


@pytest.fixture
def two(shared: Store, nats: NatsServer, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(*, url: str = nats.url) -> AsyncIterator[Two]:
        async with (
            serving(shared, tmp_path / "one", nats_url=url) as one,
            serving(shared, tmp_path / "other", nats_url=url) as other,
        ):
            yield Two(one, other)

    return opened
