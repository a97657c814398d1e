"""Keeps the figures of this node: a sample each second; and where there are several nodes, tells the others its newest."""

import asyncio

import structlog

from dealings.platform.db.run import Run
from dealings.platform.telemetry import history, nodes
from dealings.platform.telemetry.history import HISTORY
from dealings.settings import Settings

logger = structlog.get_logger("dealings.figures")


class Figures:
    """`share`: whether there may be other nodes on the same store."""

    def __init__(self, settings: Settings, run: Run, *, share: bool) -> None:
        self._settings = settings
        self._run = run
        self._share = share
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        HISTORY.node = self._settings.node
        loops = [history.keep(self._settings.data), *([self._tell()] if self._share else [])]
        self._tasks = [asyncio.get_running_loop().create_task(loop) for loop in loops]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(nodes.SHARE_SECONDS)
            try:
                if HISTORY.recent:
                    await self._run(nodes.share, node=self._settings.node, sample=HISTORY.recent[-1])
            except Exception as error:  # the store is away: the others see this node's figures grow old
                logger.warning("figures_not_shared", error=str(error))
