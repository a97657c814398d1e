"""Arrays as PostgreSQL reads them back."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dealings.platform.db.arrays import HoldsNul, write_arrays_fast

TEXT = some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"]))
NUMBER = some.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def connection(postgres_url: str) -> psycopg.Connection[tuple[object, ...]]:
    made = psycopg.connect(postgres_url, autocommit=True)
    write_arrays_fast(made)
    return made


@given(some.lists(TEXT | some.sampled_from(["", "NULL", "{}", '"', "\\", ",", "a\nb", " "])))
def test_texts_come_back(connection: psycopg.Connection[tuple[object, ...]], values: list[str]) -> None:
    assert connection.execute("SELECT %s::text[]", [values]).fetchone() == (values,)


@given(some.lists(TEXT | some.none()))
def test_texts_and_nothing_come_back(
    connection: psycopg.Connection[tuple[object, ...]], values: list[str | None]
) -> None:
    assert connection.execute("SELECT %s::text[]", [values]).fetchone() == (values,)


@given(some.lists(NUMBER | some.none()))
def test_numbers_and_nothing_come_back(
    connection: psycopg.Connection[tuple[object, ...]], values: list[int | None]
) -> None:
    assert connection.execute("SELECT %s::bigint[]", [values]).fetchone() == (values,)


def test_yes_and_no_come_back(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    assert connection.execute("SELECT %s::bool[]", [[True, False]]).fetchone() == ([True, False],)


def test_the_statement_may_leave_the_type_to_what_it_is_compared_with(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    assert connection.execute("SELECT 'b'::varchar(3) = ANY(%s)", [["a", "b"]]).fetchone() == (True,)


@pytest.mark.parametrize("values", [["a\0b"], ["a", "\0"], [None, "a\0"]])
def test_nul_is_refused_before_it_can_part_an_element(
    connection: psycopg.Connection[tuple[object, ...]], values: list[str | None]
) -> None:
    with pytest.raises(HoldsNul):
        connection.execute("SELECT %s::text[]", [values])
