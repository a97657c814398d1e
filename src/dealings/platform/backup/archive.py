"""The archive: a gzipped tar that common tools can open and check.

::

    dealings.json                the format, the schema, each table's columns
    tables/<table>/000001.jsonl  rows, a JSON array a line, in the order of those columns
    files/9f/86d0….webp          stored files
    SHA256SUMS                   of all of these, in this order: `sha256sum -c SHA256SUMS`

Rows come in parts, because a tar has to know a member's size before its bytes. The sums come
last, so that an archive that was cut short has none.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from dealings.kernel.clock import Millis
from dealings.platform.backup.errors import BrokenArchive, DestinationTaken

FORMAT: Final = 1
HEADER: Final = "dealings.json"
SUMS: Final = "SHA256SUMS"
COMPRESSION: Final = 6
CHUNK_BYTES: Final = 1 << 20
UNREADABLE: Final = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, OSError)


class Header(msgspec.Struct, frozen=True):
    """What the archive is of. Rows are in the order of `tables`, values in that of its columns."""

    format: int
    schema: str
    store: str
    taken_at: Millis
    tables: dict[str, list[str]]


class Writer:
    """Adds members one after the other; memory stays at one chunk."""

    def __init__(self, tar: tarfile.TarFile, sums: IO[bytes]) -> None:
        self._tar = tar
        self._sums = sums

    def add(self, name: str, data: bytes) -> None:
        self._sums.write(_sum_line(name, hashlib.sha256(data).hexdigest()))
        self._member(name, len(data), io.BytesIO(data))

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self._sums.write(_sum_line(name, hashlib.file_digest(file, "sha256").hexdigest()))
            size = file.tell()
            file.seek(0)
            self._member(name, size, file)

    def finish(self) -> None:
        size = self._sums.tell()
        self._sums.seek(0)
        self._member(SUMS, size, self._sums)

    def _member(self, name: str, size: int, data: IO[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._tar.addfile(info, data)


def _sum_line(name: str, digest: str) -> bytes:
    return f"{digest}  {name}\n".encode()


@contextmanager
def writing_archive(destination: Path) -> Iterator[Writer]:
    """A new archive: there, whole and on disk after the block, or not there at all."""
    if destination.exists():
        raise DestinationTaken(path=str(destination))
    destination.parent.mkdir(parents=True, exist_ok=True)
    unfinished = destination.with_name(f".{destination.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            unfinished.chmod(0o600)  # it holds everything that people said
            with (
                gzip.GzipFile("", "wb", COMPRESSION, file) as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
                tempfile.TemporaryFile() as sums,
            ):
                writer = Writer(tar, sums)
                yield writer
                writer.finish()
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(destination)
        _sync_folder(destination.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _broken_if_unreadable() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise BrokenArchive(problem=str(error) or type(error).__name__) from error


class Member:
    """One member while it is read; once, in order."""

    def __init__(self, name: str, data: IO[bytes]) -> None:
        self.name = name
        self._data = data

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        with _broken_if_unreadable():
            while chunk := self._data.read(CHUNK_BYTES):
                yield chunk

    def lines(self) -> Iterator[bytes]:
        with _broken_if_unreadable():
            yield from self._data

    def digest(self) -> str:
        total = hashlib.sha256()
        for chunk in self.chunks():
            total.update(chunk)
        return total.hexdigest()


def members(archive: Path) -> Iterator[Member]:
    """All members in order; BrokenArchive where it can't be read on."""
    with (
        _broken_if_unreadable(),
        gzip.open(archive, "rb") as packed,
        tarfile.open(fileobj=packed, mode="r|") as tar,
    ):
        for info in tar:
            data = tar.extractfile(info)
            if data is None:
                raise BrokenArchive(problem=f"{info.name} is no file")
            yield Member(info.name, data)
        while packed.read(CHUNK_BYTES):
            pass  # to the very end, where gzip has its own checksum


def verify(archive: Path) -> Header:
    """Read all of it once and compare every sum; the header, when nothing is amiss."""
    if not archive.is_file():
        raise BrokenArchive(problem=f"there is no file {archive}")
    header: Header | None = None
    complete = False
    with tempfile.TemporaryFile() as seen:
        for member in members(archive):
            if complete:
                raise BrokenArchive(problem="something was added to it")
            if member.name == SUMS:
                _compare(seen, member)
                complete = True
            elif member.name == HEADER:
                data = member.read()
                header = _header(data)
                seen.write(_sum_line(HEADER, hashlib.sha256(data).hexdigest()))
            else:
                seen.write(_sum_line(member.name, member.digest()))
    if not complete:
        raise BrokenArchive(problem="its end is missing")
    return _checked(header)


def _compare(seen: IO[bytes], member: Member) -> None:
    """Line by line, so that the first one that differs can be named."""
    seen.seek(0)
    told = member.lines()
    for line in seen:
        if next(told, None) != line:
            raise BrokenArchive(problem=f"{line[66:].decode().strip()} is not what was written")
    if next(told, None) is not None:
        raise BrokenArchive(problem="a part is missing")


def _header(data: bytes) -> Header:
    try:
        return msgspec.json.decode(data, type=Header)
    except msgspec.MsgspecError as error:
        raise BrokenArchive(problem=f"{HEADER}: {error}") from error


def _checked(header: Header | None) -> Header:
    if header is None or header.format != FORMAT:
        raise BrokenArchive(problem="it is in a format that this version does not know")
    return header
