"""Pictures that a file names by address: fetched after the import, outside of any transaction.

The rows that wait are the queue, so it survives whatever happens: a job calls `fetch_pictures`
every few seconds. A product whose pictures can't be had shows without; their addresses stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from dealings.domain.catalogue import actions, tables
from dealings.domain.catalogue.tables import PendingPicture
from dealings.kernel.clock import Clock, system_clock
from dealings.kernel.errors import Invalid
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files import store
from dealings.platform.files.pictures import Unreachable
from dealings.platform.files.store import Files

AT_ONCE: Final = 4
"""Connections open at a time: a shop's pictures mostly lie on one host, which should not mind."""
IN_ONE_STEP: Final = 40

logger = structlog.get_logger("dealings.pictures")
Fetch = Callable[[str], Awaitable[bytes]]


async def fetch_pictures(
    reads: Reads, run: Run, files: Files, *, fetch: Fetch | None = None, clock: Clock = system_clock
) -> int:
    """Deal with the pictures that are due, at most IN_ONE_STEP; how many there were.

    Two nodes may do the same: a picture is kept by its hash and attached once.
    """
    due = await reads(tables.pictures_due, now=clock(), limit=IN_ONE_STEP)
    fetch = fetch or _fetch
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(picture: PendingPicture) -> None:
        async with gate:
            await _fetch_one(run, files, picture, fetch)

    async with asyncio.TaskGroup() as group:
        for picture in due:
            group.create_task(one(picture))
    return len(due)


async def _fetch(address: str) -> bytes:
    from dealings.platform.files import remote  # and with it an HTTP client, which most servers never need

    return await remote.fetch(address)


async def _fetch_one(run: Run, files: Files, picture: PendingPicture, fetch: Fetch) -> None:
    try:
        file = await store.keep_picture(files, await fetch(picture.source))
    except Unreachable as error:
        await _give_up(run, picture, error.problem, passing=error.passing)
    except Invalid as refusal:
        await _give_up(run, picture, refusal.code, passing=False)
    except Exception as error:  # a disk that is full, or a bug: told here, and no other picture waits for this one
        logger.error("picture_failed", picture=picture.id, exc_info=error)
        await _give_up(run, picture, "failed", passing=True)
    else:
        await run(actions.attach_picture, shop=picture.shop, picture=picture.id, file=file)


async def _give_up(run: Run, picture: PendingPicture, problem: str, *, passing: bool) -> None:
    await run(actions.give_up_picture, shop=picture.shop, picture=picture.id, problem=problem, passing=passing)
