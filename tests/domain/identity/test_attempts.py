"""Guessing passwords is slowed down: by handle, by address, and when many guess at once."""

import pytest
from sqlalchemy import text

from dealings.domain.identity import actions, model, queries
from dealings.domain.identity.errors import TooManyAttempts
from dealings.domain.identity.model import ADDRESS_ALLOWANCE, FAILURES_FORGOTTEN, FREE_FAILURES, LONGEST_WAIT
from dealings.kernel.clock import SECOND
from dealings.platform.db.actions import Command
from tests.domain.town import Town

HERE, THERE = "192.0.2.1", "192.0.2.2"


def attempt(town: Town, handle: str = "mei", address: str = HERE) -> int:
    """Seconds to wait; 0 when the attempt is admitted."""
    try:
        town.world.run(actions.admit_attempt, handle=handle, address=address)
    except TooManyAttempts as refused:
        return int(refused.params["retry_after_seconds"])
    return 0


def succeed(town: Town, account: str, address: str = HERE) -> None:
    given = {"token_hash": town.world.uuid(), "agent": "", "address": address}
    town.world.run(actions.open_session, account=account, verified="x", **given)


def test_waits_double_up_to_the_longest() -> None:
    waits = [model.wait_after(n) // SECOND for n in range(FREE_FAILURES + 12)]
    assert waits == [0] * FREE_FAILURES + [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert model.wait_after(10**9) == LONGEST_WAIT


def test_after_the_free_failures_each_guess_at_a_handle_waits_longer(town: Town) -> None:
    assert [attempt(town) for _ in range(FREE_FAILURES)] == [0] * FREE_FAILURES
    waited = []
    for _ in range(11):
        waited.append(attempt(town))
        town.world.clock.advance(waited[-1] * SECOND)
        assert attempt(town) == 0
    assert waited == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_handle_waits_whoever_guesses_at_it(town: Town) -> None:
    for n in range(FREE_FAILURES):
        assert attempt(town, address=f"192.0.2.{n}") == 0
    assert attempt(town, address="198.51.100.1") == 2
    assert attempt(town, handle=" @MEI ", address="198.51.100.1") == 2
    assert attempt(town, handle="arun", address="198.51.100.1") == 0
    town.world.clock.advance(2 * SECOND - 1)
    assert attempt(town) == 1
    town.world.clock.advance(1)
    assert attempt(town) == 0
    assert attempt(town) == 4


def test_a_refused_attempt_does_not_make_the_wait_longer(town: Town) -> None:
    for _ in range(FREE_FAILURES):
        attempt(town)
    assert [attempt(town) for _ in range(20)] == [2] * 20


def test_an_address_waits_whatever_handles_it_tries(town: Town) -> None:
    for n in range(FREE_FAILURES * ADDRESS_ALLOWANCE):
        assert attempt(town, handle=f"guess{n}") == 0
    assert attempt(town, handle="fresh") == 2
    assert attempt(town, handle="fresh", address=THERE) == 0


def test_an_address_of_ipv6_is_its_network(town: Town) -> None:
    assert model.network("2001:db8::1") == model.network("2001:db8::ffff:1") == "2001:db8::/64"
    assert model.network("2001:db8:0:1::1") != model.network("2001:db8::1")
    assert model.network("::ffff:192.0.2.1") == model.network("192.0.2.1") == "192.0.2.1"
    assert model.network("x" * 200) == "x" * 64
    for n in range(FREE_FAILURES * ADDRESS_ALLOWANCE):
        attempt(town, handle=f"guess{n}", address=f"2001:db8::{n:x}")
    assert attempt(town, handle="fresh", address="2001:db8::abcd") == 2


def test_handles_that_no_store_takes_are_counted_all_the_same(town: Town) -> None:
    for n in range(FREE_FAILURES):
        assert attempt(town, handle="mei\x00", address=f"192.0.2.{n}") == 0
    assert attempt(town, handle="mei", address="198.51.100.1") == 2
    assert attempt(town, handle="龙" * 200) == 0
    assert town.world.read(queries.credentials, handle="a\x00b") is None


def test_the_right_password_clears_the_handle(town: Town) -> None:
    mei = town.sign_up("mei")
    for _ in range(FREE_FAILURES - 1):
        attempt(town)
    succeed(town, mei)
    assert [attempt(town) for _ in range(FREE_FAILURES)] == [0] * FREE_FAILURES
    assert attempt(town) == 2


def test_people_who_know_their_passwords_never_wait_for_each_other(town: Town) -> None:
    people = {f"pupil{n}": town.sign_up(f"pupil{n}") for n in range(FREE_FAILURES * ADDRESS_ALLOWANCE + 5)}
    for handle, account in people.items():
        assert attempt(town, handle=handle) == 0
        succeed(town, account)


def test_an_own_account_does_not_hide_guesses_at_others(town: Town) -> None:
    own = town.sign_up("own")
    for n in range(FREE_FAILURES * ADDRESS_ALLOWANCE - 1):
        assert attempt(town, handle=f"guess{n}") == 0
        if n % 5 == 0:
            assert attempt(town, handle="own") == 0
            succeed(town, own)
    assert attempt(town, handle="last") == 0
    assert attempt(town, handle="own") == 2


def test_failures_are_forgotten_after_a_day(town: Town) -> None:
    for _ in range(FREE_FAILURES):
        attempt(town)
    town.world.clock.advance(FAILURES_FORGOTTEN + 1)
    assert [attempt(town) for _ in range(FREE_FAILURES)] == [0] * FREE_FAILURES


def test_counts_that_are_forgotten_are_dropped(town: Town) -> None:
    for n in range(30):
        attempt(town, handle=f"guess{n}", address=f"192.0.2.{n}")
    town.world.clock.advance(FAILURES_FORGOTTEN + 1)
    for _ in range(4):
        attempt(town)
    count = text("SELECT count(*) FROM sign_in_attempts")
    assert town.world.read(lambda db: db.sql.execute(count).scalar_one()) == 2


def test_guesses_at_the_same_time_count_too(town: Town) -> None:
    given = {"handle": "mei", "address": HERE}
    guesses = [[Command(actions.admit_attempt.name, given)] * 4 for _ in range(4)]
    outcomes = [outcome for answers in town.at_once(guesses) for outcome in answers]
    assert sum(outcome.refusal is None for outcome in outcomes) == FREE_FAILURES
    assert {o.refusal.code for o in outcomes if o.refusal} == {TooManyAttempts.code}


def test_addresses_count_all_that_come_at_the_same_time(town: Town) -> None:
    batches = [
        [
            Command(actions.admit_attempt.name, {"handle": f"guess{lane}.{n}", "address": HERE})
            for n in range(FREE_FAILURES * ADDRESS_ALLOWANCE // 2)
        ]
        for lane in range(4)
    ]
    outcomes = [outcome for answers in town.at_once(batches) for outcome in answers]
    assert sum(outcome.refusal is None for outcome in outcomes) == FREE_FAILURES * ADDRESS_ALLOWANCE


def test_sign_ups_from_one_address_are_slowed_down(town: Town) -> None:
    for _ in range(FREE_FAILURES * model.SIGN_UP_ALLOWANCE):
        town.world.run(actions.admit_sign_up, address=HERE)
    with pytest.raises(TooManyAttempts):
        town.world.run(actions.admit_sign_up, address=HERE)
    town.world.run(actions.admit_sign_up, address=THERE)
    assert attempt(town) == 0
