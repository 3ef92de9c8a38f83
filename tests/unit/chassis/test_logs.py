from __future__ import annotations

import logging

from chassis.logs import REPEAT_AFTER_S, _RepeatFilter


def a_line(name: str, message: str, at: float) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, "", 0, message, ("x",), None)
    record.created = at
    return record


def test_a_kafka_client_says_the_same_thing_now_and_then() -> None:
    few = _RepeatFilter()

    said = [few.filter(a_line("aiokafka.conn", "Unable to connect to %s", 1000 + second)) for second in range(20)]

    assert said.count(True) == 20 / REPEAT_AFTER_S
    assert few.filter(a_line("aiokafka.conn", "something else %s", 1001))


def test_what_we_say_is_always_written() -> None:
    few = _RepeatFilter()

    assert all(few.filter(a_line("orders.routes", "order placed %s", 1000)) for _ in range(5))
