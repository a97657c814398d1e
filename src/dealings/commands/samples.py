"""The data of ``dealings demo``: made whole or not at all."""

import asyncio
import shutil
from dataclasses import replace

import typer

from dealings.commands.offline import offline, prepare
from dealings.domain.identity import queries
from dealings.kernel.clock import system_clock
from dealings.platform.files.store import FolderFiles
from dealings.samples.seed import seed
from dealings.settings import Settings


def make_demo(settings: Settings) -> None:
    """Sample people, shops and history, unless they are there. What was stopped halfway is begun anew."""
    if settings.database_url:
        _seed_if_empty(settings)
    elif not (settings.data / "dealings.db").exists():
        unfinished = settings.data.with_name(f"{settings.data.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _seed_if_empty(replace(settings, data=unfinished))
        settings.data.parent.mkdir(parents=True, exist_ok=True)
        unfinished.rename(settings.data)


def _seed_if_empty(settings: Settings) -> None:
    with offline(settings) as here:
        if here.read(queries.handles):
            return
    files = FolderFiles(settings.files)
    asyncio.run(seed(prepare(settings), files, now=system_clock(), tell=_tell))


def _tell(what: str) -> None:
    typer.echo(f"  making {what} …")
