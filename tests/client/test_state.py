"""What a client makes of events: the golden traces, which the web apps follow too."""

import pytest

from tests.client.golden import followed, traces

TRACES = traces("state")


@pytest.mark.parametrize("name", TRACES)
def test_the_state_follows_the_golden_trace(name: str) -> None:
    trace = TRACES[name]
    assert list(followed(trace)) == [step["then"] for step in trace["steps"]]
