"""When the last backup was taken, noted in the data folder: so a server can say how old it is."""

from pathlib import Path

from dealings.kernel.clock import SECOND, Millis

NAME = "last-backup"


def note(folder: Path) -> None:
    """A backup is complete. Its time is that of an empty file; where that can't be written, a backup is still one."""
    try:
        (folder / NAME).touch(mode=0o600)
    except OSError:
        return


def at(folder: Path) -> Millis | None:
    """None: there was none yet, as far as is known here."""
    try:
        return int((folder / NAME).stat().st_mtime * SECOND)
    except OSError:
        return None
