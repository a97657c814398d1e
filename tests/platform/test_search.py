"""Search: what is found, by what, in which order, on both stores (P9)."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.search import index
from dealings.platform.search.index import Document, Entry
from dealings.platform.search.words import MAX_QUERY_WORDS, Word, fold, index_words, query_words
from tests.world import World

TEA = "狮峰明前西湖龙井茶叶250克"


@action()
def index_texts(tx: Tx, *, texts: dict[str, tuple[str, str]]) -> None:
    index.put(tx, [Document("thing", "shop", id, title, body) for id, (title, body) in texts.items()])


@action()
def forget(tx: Tx, *, id: str) -> None:
    index.remove(tx, [Entry("thing", "shop", id)])


def found(world: World, text: str, *, kind: str = "thing", limit: int = 9) -> list[str]:
    return world.read(index.find, kind=kind, text=text, limit=limit)


def put(world: World, **texts: tuple[str, str]) -> None:
    world.run(index_texts, texts=texts)


INSIDE = ["龙井", "龙井茶", "茶叶", "西湖龙井", "狮峰", "龙", "250克", "250", "明前 龙井", "龙井，茶叶", "２５０"]


def test_words_inside_a_chinese_sentence_are_found(world: World) -> None:
    put(world, tea=(TEA, ""), other=("宜兴紫砂壶", "泡茶"))
    for query in INSIDE:
        assert found(world, query) == ["tea"], query


LATIN = ["longjing", "Longj", "LONGJING", "ｌｏｎｇ", "lóngjǐng", "tea long", '"longjing"']


def test_latin_words_are_found_by_their_beginning_whatever_the_form(world: World) -> None:
    put(world, tea=("Longjing tea", ""), cafe=("Café", "ongjing"))
    for query in LATIN:
        assert found(world, query) == ["tea"], query


def test_accents_may_be_left_out(world: World) -> None:
    put(world, cafe=("Café crème", ""))
    assert found(world, "cafe creme") == ["cafe"]


def test_the_title_ranks_over_the_body(world: World) -> None:
    put(world, body=("绿茶", "龙井 龙井 龙井"), title=("西湖龙井", "绿茶"), none=("红茶", ""))
    assert found(world, "龙井") == ["title", "body"]


def test_a_word_ranks_over_neighbours_that_only_look_like_it(world: World) -> None:
    put(world, chance=("恐龙井底之蛙", ""), tea=("龙井新茶到了", ""))
    assert found(world, "龙井") == ["tea", "chance"]


def test_all_words_are_asked_for_and_some_are_better_than_none(world: World) -> None:
    put(world, both=("龙井 礼盒", ""), one=("龙井", ""))
    assert found(world, "龙井 礼盒") == ["both"]
    assert found(world, "有没有龙井茶") == [*found(world, "龙井")]


def test_an_entry_is_replaced_and_removed(world: World) -> None:
    put(world, tea=("龙井", ""))
    put(world, tea=("普洱", ""))
    assert (found(world, "龙井"), found(world, "普洱")) == ([], ["tea"])
    world.run(forget, id="tea")
    assert found(world, "普洱") == []


def test_kinds_and_limits_are_kept(world: World) -> None:
    put(world, a=("茶", ""), b=("茶", ""), c=("茶", ""))
    assert len(found(world, "茶", limit=2)) == 2
    assert found(world, "茶", kind="person") == []


NASTY = [
    "",
    "   ",
    '"',
    "'",
    "\\",
    '" OR 1=1 --',
    "title:龙井",
    "龙井*",
    "NEAR(龙井, 2)",
    "AND OR NOT",
    "^龙井",
    "(((",
    "{}[]",
    "a & b | !c :*",
    "'a':1A",
    "🍵🍵",
    "👩‍👩‍👧",
    "\x00",
    "龙\x00井",
    "%_",
    "شاي",
    "ชา",
    "चाय",
    "\ud83c",
    "𰻞𰻞面",
    "龙井" * 2_500,
    "longjing " * 1_200,
    "x" * 10_000,
]


def test_whatever_is_typed_is_answered(world: World) -> None:
    put(world, tea=(TEA, "title body AND OR NOT NEAR"))
    for query in NASTY:
        assert found(world, query) in ([], ["tea"]), query


def test_whatever_is_written_is_indexed(world: World) -> None:
    put(
        world,
        long=("长" * 30_000, "word " * 20_000),
        **{f"n{n}": (f"{text} 普洱", text) for n, text in enumerate(NASTY)},
    )
    assert sorted(found(world, "普洱", limit=99)) == sorted(f"n{n}" for n in range(len(NASTY)))


SCRIPTS = ["شاي", "ชา", "चाय", "𰻞𰻞面", "抹茶ラテ", "чай", "τσάι", "차"]


def test_every_script_is_found_by_what_was_written(world: World) -> None:
    put(world, other=("zzz", ""), **{f"n{n}": (text, "") for n, text in enumerate(SCRIPTS)})
    assert [found(world, text) for text in SCRIPTS] == [[f"n{n}"] for n in range(len(SCRIPTS))]


@given(st.text(max_size=60))
def test_a_text_is_found_by_itself(text: str) -> None:
    words = set(index_words(text))
    asked = query_words(text)
    assert all(any(w.startswith(a.text) for w in words) if a.prefix else a.text in words for a in asked)
    assert not any(sign in word for word in words for sign in " '\"\\*:&|!()^\0")


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_words_of_a_query() -> None:
    assert query_words("龙井 Tea茶") == [Word("龙井"), Word("tea", prefix=True), Word("茶")]
    assert len(query_words(" ".join(f"w{n}" for n in range(99)))) == MAX_QUERY_WORDS


def test_the_dictionary_is_not_loaded_at_the_start() -> None:
    program = "import sys, dealings.platform.search.index; sys.exit('rjieba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
