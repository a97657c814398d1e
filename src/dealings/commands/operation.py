"""Backup, restore and doctor as commands: what they do to the data of some settings, and what they print."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from dealings import main
from dealings.commands.offline import make_folder
from dealings.edge.operation import doctor
from dealings.kernel.errors import Refusal
from dealings.platform.backup import backup as taking
from dealings.platform.backup import last
from dealings.platform.backup import restore as giving
from dealings.platform.backup.backup import Contents
from dealings.platform.backup.errors import NothingThere, NotReached
from dealings.platform.db.findings import Finding
from dealings.platform.db.stores import Store, open_store
from dealings.platform.db.views import is_there
from dealings.settings import Settings

assert main  # every table and every action is known


class Report(msgspec.Struct, frozen=True):
    ok: bool
    findings: Sequence[Finding]


def backup(settings: Settings, destination: Path | None, *, as_json: bool) -> int:
    """Write an archive of everything, beside a running server. The exit code."""
    archive = destination or Path(f"dealings-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.tar.gz")

    def run() -> int:
        contents = taking.backup(_existing(settings), files_folder=settings.files, destination=archive)
        last.note(settings.data)
        size = archive.stat().st_size / 1e6
        _tell(contents, f"{_counted(contents)} are in {archive} ({size:.1f} MB).", as_json=as_json)
        return 0

    return _answered(run, as_json=as_json)


def restore(settings: Settings, archive: Path, *, as_json: bool) -> int:
    """Bring an archive back into an empty store. The exit code."""

    def run() -> int:
        make_folder(settings.data)
        store = open_store(settings.location)
        _reached(store)
        contents = giving.restore(archive, store, files_folder=settings.files)
        _tell(contents, f"{_counted(contents)} are back.", as_json=as_json)
        return 0

    return _answered(run, as_json=as_json)


def examine(settings: Settings, *, as_json: bool) -> int:
    """Say what is wrong with the data. 0: nothing; 1: something; 2: it can't be looked at."""

    def run() -> int:
        found = doctor.examine(_existing(settings))
        _tell(Report(not found, found), "\n".join(map(_line, found)) or "All promises hold.", as_json=as_json)
        return 1 if found else 0

    return _answered(run, as_json=as_json)


def _answered(run: Callable[[], int], *, as_json: bool) -> int:
    try:
        return run()
    except Refusal as refusal:
        told = {"code": refusal.code, "message": refusal.message, "params": refusal.params}
        print(msgspec.json.encode(told).decode() if as_json else refusal.message, file=sys.stderr)
        return 2


def _existing(settings: Settings) -> Store:
    """The store, if there is one: looking must not make an empty one."""
    there = not isinstance(settings.location, Path) or settings.location.exists()
    store = open_store(settings.location)
    if not there or not _reached(store):
        raise NothingThere(path=str(settings.location) if settings.database_url == "" else "DEALINGS_DATABASE_URL")
    return store


def _reached(store: Store) -> bool:
    """Is there a schema? NotReached when the database does not even answer."""
    try:
        return is_there(store)
    except Exception as error:
        if not store.lost(error):
            raise
        raise NotReached(problem=str(getattr(error, "orig", error)).strip().splitlines()[0]) from error


def _counted(contents: Contents) -> str:
    return f"{sum(contents.rows.values()):,} rows of {len(contents.rows)} tables and {contents.files:,} files"


def _line(found: Finding) -> str:
    more = f", and {found.count - len(found.examples)} more" if found.count > len(found.examples) else ""
    return f"{found.code}: {found.text}\n  {found.count}: {', '.join(found.examples)}{more}"


def _tell(result: msgspec.Struct, sentence: str, *, as_json: bool) -> None:
    print(msgspec.json.encode(result).decode() if as_json else sentence)
