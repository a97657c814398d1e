"""The written state machine: complete, drawn as it is, and done by the link to the letter of the golden traces."""

from pathlib import Path
from typing import Any

import pytest

from dealings.client import diagram
from dealings.client.link import Link
from dealings.client.machine import Row, machine
from tests.client.golden import Trace, played, traces

PROTOCOL_PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
TABLE = machine()
TRACES = traces("link")


@pytest.mark.parametrize("name", TRACES)
def test_the_link_does_what_the_golden_trace_says(name: str) -> None:
    trace = TRACES[name]
    assert list(played(trace)) == [step["then"] for step in trace["steps"]]


def test_every_state_answers_every_input_or_says_that_it_ignores_it() -> None:
    for state in TABLE.states:
        for on in TABLE.inputs:
            rows = TABLE.rows(state, on)
            timer = TABLE.timers.get(on)
            if timer is not None and state not in timer.kept_in:
                assert not rows and on not in TABLE.ignored[state], (state, on)
            else:
                assert bool(rows) != (on in TABLE.ignored[state]), (state, on)


def test_the_last_row_of_an_input_has_no_condition_and_only_the_last() -> None:
    for state in TABLE.states:
        for on in TABLE.inputs:
            guards = [row.guard for row in TABLE.rows(state, on)]
            assert all(guards[:-1]) and not any(guards[-1:]), (state, on, guards)


def test_every_name_of_the_table_is_explained_and_done() -> None:
    for row in TABLE.transitions:
        assert {*row.sources, row.to} <= set(TABLE.states)
        assert row.on in TABLE.inputs
        assert not row.guard or row.guard in TABLE.guards
        assert set(row.do) <= set(TABLE.outputs)
    assert all(callable(getattr(Link, f"_{name}")) for name in TABLE.outputs)
    assert all(callable(getattr(Link, f"_if_{name}")) for name in TABLE.guards)
    assert set(TABLE.timers) <= set(TABLE.inputs)


def test_every_row_is_taken_in_some_golden_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Row] = []
    apply = Link._apply

    def noted(link: Link, row: Row) -> None:
        taken.append(row)
        apply(link, row)

    monkeypatch.setattr(Link, "_apply", noted)
    for trace in TRACES.values():
        list(played(trace))
    assert [row for row in TABLE.transitions if row not in taken] == []


def test_the_protocol_page_draws_the_table_as_it_is() -> None:
    page = PROTOCOL_PAGE.read_text("utf-8")
    assert diagram.drawn_into(page) == page


def test_a_golden_trace_that_differs_is_noticed() -> None:
    trace: Trace = TRACES["first_visit"]
    changed: dict[str, Any] = {**trace, "steps": [*trace["steps"][:1], {"at": 10, "on": "closed"}]}
    assert list(played(changed)) != [step["then"] for step in trace["steps"][:2]]
