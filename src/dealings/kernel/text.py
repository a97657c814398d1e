"""What people type: kept as written, less what can't be seen and what no store takes."""

import unicodedata

JOINERS = "\u200c\u200d"  # Persian and Indic scripts and many emoji are written with them
HIDDEN = ("Cc", "Cf", "Cs")
"""Control characters (NUL, which PostgreSQL refuses, among them), halves of pairs, and format characters,
some of which turn the reading direction of what follows. Characters newer than this table stay."""


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in HIDDEN or character in JOINERS


def one_line(text: str) -> str:
    """One line: each run of white space one space, none around it."""
    return " ".join("".join(c for c in " ".join(text.split()) if _visible(c)).split())


def lines(text: str) -> str:
    """Line breaks and tabs stay; white space around it goes."""
    return "".join(c for c in text if _visible(c) or c in "\n\t").strip()


def is_blank(text: str) -> bool:
    """Nothing in it leaves ink: it is empty, or white space and characters that show nothing."""
    begins_with_ink = text[:1].isalnum()  # as nearly every message does, of each of which this is asked
    return not begins_with_ink and all(c.isspace() or unicodedata.category(c) in HIDDEN for c in text)
