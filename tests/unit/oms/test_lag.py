"""`oms lag` at 80 columns: the lag itself is shown in full, however many topics a step has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from contracts.heartbeats import SOURCES
from oms.inspect.lag import table
from oms.inspect.lag_of_steps import VIEWS
from oms.inspect.step import Step

NOW = datetime(2026, 1, 31, tzinfo=UTC)
LATE = NOW - timedelta(seconds=12345.6)


@pytest.mark.parametrize("detail", ["", "no heartbeat yet: is the connector registered?"])
def test_every_lag_is_shown(detail: str) -> None:
    steps = [
        Step(source.database, f"{' '.join(topic.name for topic in source.topics)} → {view}", LATE, 1234567, detail)
        for source in SOURCES
        for view in VIEWS.values()
    ]
    console = Console(width=80, highlight=False)

    with console.capture() as captured:
        console.print(table(steps, 10, NOW))

    shown = captured.get()
    assert max(map(len, shown.splitlines())) <= 80
    assert (shown.count("12345.6 s"), shown.count("1234567")) == (len(steps), len(steps))
    assert "…" not in shown
