"""The order of refusals as a table, and what a list of transfers does, without a store."""

from collections.abc import Callable
from itertools import combinations

import pytest
from msgspec.structs import replace

from dealings.domain.wallet import errors
from dealings.domain.wallet.model import (
    MOST_BALANCE,
    AccountKey,
    Case,
    Recorded,
    Standing,
    Transfer,
    TransferDone,
    decide,
    refusal,
)
from dealings.kernel.errors import Refusal
from dealings.kernel.money import MOST, Money

MEI, SHOP = AccountKey("mei", "wallet", "CNY"), AccountKey("shop", "escrow", "CNY")
GOOD = Transfer(id="t", debit=MEI.id, credit=SHOP.id, amount=Money(100, "CNY"), reason="payment")


def good() -> Case:
    return Case(GOOD, Standing(100, 0), Standing(0, 0), None)


def changed(**fields: object) -> Callable[[Case], Case]:
    return lambda case: case._replace(transfer=replace(case.transfer, **fields))


def to_itself(case: Case) -> Case:
    return changed(credit=case.transfer.debit)(case)


def in_other_currency(case: Case) -> Case:
    return changed(amount=Money(case.transfer.amount.amount, "USD"))(case)


def of_nothing(case: Case) -> Case:
    return changed(amount=Money(0, case.transfer.amount.currency))(case)


def too_much(case: Case) -> Case:
    return changed(amount=Money(MOST + 1, case.transfer.amount.currency))(case)


def from_nowhere(case: Case) -> Case:
    return case._replace(debit=None)


def to_nowhere(case: Case) -> Case:
    return case._replace(credit=None)


def under_a_used_id(case: Case) -> Case:
    return case._replace(earlier=Recorded(replace(GOOD, reason="another"), 1))


def without_funds(case: Case) -> Case:
    return case._replace(debit=Standing(-1, 0)) if case.debit else case


def to_a_full_account(case: Case) -> Case:
    return case._replace(credit=Standing(MOST_BALANCE, 0)) if case.credit else case


FAULTS: list[tuple[Callable[[Case], Case], type[Refusal]]] = [
    (to_itself, errors.SameAccounts),
    (in_other_currency, errors.OtherCurrency),
    (of_nothing, errors.AmountNotPositive),
    (too_much, errors.AmountTooLarge),
    (from_nowhere, errors.NoSuchAccount),
    (to_nowhere, errors.NoSuchAccount),
    (under_a_used_id, errors.TransferIdReused),
    (without_funds, errors.InsufficientFunds),
    (to_a_full_account, errors.AccountFull),
]
EXCLUDE = {(of_nothing, too_much)}  # an amount is one or the other


def test_a_good_transfer_has_nothing_against_it() -> None:
    assert refusal(good()) is None


@pytest.mark.parametrize(("fault", "refused"), FAULTS)
def test_each_fault_alone(fault: Callable[[Case], Case], refused: type[Refusal]) -> None:
    assert type(refusal(fault(good()))) is refused


@pytest.mark.parametrize(("first", "second"), list(combinations(FAULTS, 2)))
def test_of_two_faults_the_earlier_in_the_table_is_named(
    first: tuple[Callable[[Case], Case], type[Refusal]], second: tuple[Callable[[Case], Case], type[Refusal]]
) -> None:
    if (first[0], second[0]) not in EXCLUDE:
        assert type(refusal(first[0](second[0](good())))) is first[1]


def test_every_refusal_is_of_a_known_code() -> None:
    assert {refused.code for _, refused in FAULTS} == {
        f"wallet.{word}"
        for word in (
            "same_accounts other_currency amount_not_positive amount_too_large no_such_account "
            "transfer_id_reused insufficient_funds account_full"
        ).split()
    }


def test_P8_a_repeat_is_answered_even_when_the_money_is_gone() -> None:
    case = good()._replace(debit=Standing(0, 0), earlier=Recorded(GOOD, 7))
    assert refusal(case) is None


def payment(id: str, amount: int) -> Transfer:
    return replace(GOOD, id=id, amount=Money(amount, "CNY"))


def back(id: str, amount: int) -> Transfer:
    return replace(GOOD, id=id, amount=Money(amount, "CNY"), debit=SHOP.id, credit=MEI.id)


def test_P3_an_overdraft_in_the_middle_is_refused_and_the_others_stand() -> None:
    standings = {MEI: Standing(100, 0), SHOP: Standing(0, 0)}
    decision = decide(
        [payment("a", 80), payment("b", 21), back("c", 1), payment("d", 21), payment("e", 1)],
        standings=standings,
        recorded={},
        now=5,
    )
    assert [type(answer) for answer in decision.answers] == [
        TransferDone,
        errors.InsufficientFunds,
        TransferDone,
        TransferDone,
        errors.InsufficientFunds,
    ]
    assert decision.changes[MEI].sums == [-80, -79, -100]
    assert decision.changes[MEI].lowest == -100
    assert (standings[MEI].balance, standings[SHOP].balance) == (0, 100)


def test_P8_the_same_id_twice_in_one_list_is_done_once() -> None:
    decision = decide(
        [payment("a", 10), payment("a", 10), payment("a", 11)],
        standings={MEI: Standing(100, 0), SHOP: Standing(0, 0)},
        recorded={},
        now=5,
    )
    assert decision.answers[0] == decision.answers[1] == TransferDone("a", 5)
    assert isinstance(decision.answers[2], errors.TransferIdReused)
    assert len(decision.accepted) == 1


def test_a_refused_id_can_be_used_again() -> None:
    decision = decide(
        [payment("a", 101), payment("a", 100)],
        standings={MEI: Standing(100, 0), SHOP: Standing(0, 0)},
        recorded={},
        now=5,
    )
    assert [type(answer) for answer in decision.answers] == [errors.InsufficientFunds, TransferDone]


def test_an_account_that_nobody_opened_by_a_crooked_id() -> None:
    crooked = replace(GOOD, debit="", credit=":CNY")
    (answer,) = decide([crooked], standings={}, recorded={}, now=5).answers
    assert isinstance(answer, Refusal)
