"""What is made from other rows and is not in a backup: how to make it again."""

from collections.abc import Callable

from dealings.platform.db.tx import Tx

Rebuild = Callable[[Tx], None]
REBUILDS: list[Rebuild] = []


def derived(rebuild: Rebuild) -> Rebuild:
    """Register what a restored store still lacks: an index of words, PostgreSQL's counters."""
    REBUILDS.append(rebuild)
    return rebuild
