"""Words as they are indexed and looked for: the same on both stores, because it is done here.

Chinese is written without spaces: dictionary words come from jieba, and every pair of neighbouring
characters and every single one is indexed beside them. So 茶叶 is found where the dictionary
cut 龙井茶|叶, and where 龙井 is a word it counts twice and ranks higher. Other scripts are
cut at what is neither letter nor digit, folded, and found by their beginning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_TEXT_CHARS: Final = 20_000
"""Of a text, indexed: what comes after describes nothing that anyone looks for."""
MAX_QUERY_CHARS: Final = 200
"""Of what is typed, looked for; a 10 kB paste is no question."""
MAX_QUERY_WORDS: Final = 16
MAX_WORD_CHARS: Final = 40
"""Longer ones are cut: PostgreSQL refuses words over 2,046 bytes."""

# Han with its extensions, and the two Japanese syllabaries: scripts that don't part their words.
_UNSPACED: Final = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|[^\W_{_UNSPACED}]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to look for: this word, or with `prefix` all that begin with it."""

    text: str
    prefix: bool = False


def fold(text: str) -> str:
    """Wide and narrow forms, capitals and accents made one: ＬＯＮＧＪＩＮＧ, Longjing and Lóngjǐng."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", apart))


def index_words(text: str) -> list[str]:
    """The words of a text, with repetitions: what comes twice weighs more."""
    words: list[str] = []
    for run, unspaced in _runs(text[:MAX_TEXT_CHARS]):
        if unspaced:
            words += [word for word in _all_words(run) if len(word) > 1]
            words += _neighbours(run)
            words += run
        else:
            words.append(run[:MAX_WORD_CHARS])
    return words


def query_words(text: str) -> list[Word]:
    """What to look for, each once. Empty when there is nothing but signs."""
    words: dict[Word, None] = {}
    for run, unspaced in _runs(text[:MAX_QUERY_CHARS]):
        if unspaced:
            words |= {Word(part): None for word in _one_cut(run) for part in _neighbours(word) or [word]}
        else:
            words[Word(run[:MAX_WORD_CHARS], prefix=True)] = None
    return list(words)[:MAX_QUERY_WORDS]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for match in _RUN.finditer(fold(text)):
        yield match[0], match["unspaced"] is not None


def _neighbours(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)]


def _all_words(run: str) -> list[str]:
    """The dictionary words in a run, also those inside longer ones; unknown ones are cut short."""
    import rjieba  # its dictionary takes 90 ms to load: not at the start of a process

    found: list[str] = rjieba.cut_for_search(run)
    return found


def _one_cut(run: str) -> list[str]:
    """The run as one sequence of words."""
    import rjieba

    found: list[str] = rjieba.cut(run)
    return found
