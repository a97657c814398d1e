"""Files by the hash of what is in them: written once, never changed, so they can be cached for ever.

A name is the hash and a suffix (``9f86d0….webp``); a picture's smaller sizes stand beside it
(``9f86d0…-480.webp``). Nobody chooses a name, so none can point outside the store.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from dealings.platform.files import pictures
from dealings.platform.files.pictures import Rendition

HASH_CHARS: Final = 40
"""160 bits of SHA-256: nobody finds two files of one name."""
DECODERS: Final = 2
"""Pictures decoded at a time: a large one takes 200 MB while it is."""
PUBLIC_PATH: Final = "/api/v1/files/"
"""Where `routes.serve_file` answers."""

_NAME: Final = re.compile(rf"[0-9a-f]{{{HASH_CHARS}}}(-[0-9]{{1,4}})?\.webp")
_decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="picture")


@runtime_checkable
class Files(Protocol):
    """Where bytes are kept: a folder, or an S3-compatible store when one machine's disk is outgrown."""

    async def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under a name that is the hash of them; on disk when this returns."""
        ...

    async def get(self, name: str) -> bytes | None:
        """The bytes, or None when there are none of that name."""
        ...


class FolderFiles:
    """Files in a folder: ``<root>/9f/86d0….webp``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, name: str, data: bytes) -> None:
        await asyncio.to_thread(self._write, self._path(name), data)

    async def get(self, name: str) -> bytes | None:
        if not is_name(name):
            return None
        return await asyncio.to_thread(_read, self._path(name))

    def _path(self, name: str) -> Path:
        assert is_name(name), name
        return self._root / name[:2] / name[2:]

    def _write(self, path: Path, data: bytes) -> None:
        """All or nothing, also when the machine stops in the middle."""
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with unfinished.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(path.parent)


def is_name(name: str) -> bool:
    """Whether this is a name that the store gives; anything else is not even looked for."""
    return _NAME.fullmatch(name) is not None


def sized_name(name: str, width: int) -> str:
    """The name of a picture's smaller size."""
    return f"{name.removesuffix('.webp')}-{width}.webp"


def url(name: str) -> str:
    """Where browsers find it."""
    return PUBLIC_PATH + name


async def keep_picture(files: Files, data: bytes) -> str:
    """Check, re-encode and keep an uploaded picture with its sizes; answers its name.

    Raises PictureTooLarge, TooManyPixels or NotAPicture (see `rendering`).
    """
    rendition = await asyncio.get_running_loop().run_in_executor(_decoders, _rendered, data)
    return await keep_rendition(files, rendition)


def _rendered(data: bytes) -> Rendition:
    from dealings.platform.files import rendering  # and with it Pillow, on this thread, when the first picture comes

    return rendering.render(data)


async def keep_rendition(files: Files, rendition: Rendition) -> str:
    name = f"{sha256(rendition.full).hexdigest()[:HASH_CHARS]}.webp"
    for width, data in rendition.sized.items():
        await files.put(sized_name(name, width), data)
    await files.put(name, rendition.full)  # last: who sees the name finds the sizes
    return name


async def find_picture(files: Files, name: str, *, width: int | None = None) -> bytes | None:
    """A picture in the smallest kept size that fills `width`, else the full one; None when unknown."""
    if width is not None and is_name(name) and "-" not in name:
        fitting = next((size for size in pictures.SIZES if size >= width), None)
        sized = await files.get(sized_name(name, fitting)) if fitting else None
        if sized is not None:
            return sized
    return await files.get(name)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only when its folder is (POSIX; elsewhere folders can't be opened)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
