"""Reasons that an operator reads: no names of Python's exceptions for timeouts, no pages, no nested JSON."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import httpx
import pytest

from chassis.http.errors.problems import Unavailable
from local.health import MOST, _why, short
from oms.company import retries
from oms.terminal import reason


async def test_the_end_of_a_time_tells_the_time() -> None:
    with pytest.raises(TimeoutError) as ended:
        async with asyncio.timeout(0):
            await asyncio.sleep(60)

    assert reason(ended.value, 5.0) == "no answer within 5 s"
    assert reason(ended.value) == "no answer in time"


@pytest.mark.parametrize("cause", [TimeoutError(), asyncio.CancelledError(), httpx.ReadTimeout("")])
def test_a_timeout_below_has_no_name_of_an_exception(cause: BaseException) -> None:
    error = Unavailable("the read model")
    error.__cause__ = cause

    assert reason(error, 30.0) == reason(cause) == "no answer in time"


def test_other_errors_tell_their_text() -> None:
    assert reason(ConnectionError("refused"), 5.0) == "refused"
    assert reason(LookupError()) == "LookupError"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x answers 500: <html><body>Error</body></html>", "x answers 500"),
        ('Connect: {"error_code": 500}', "Connect"),
        ('failed: [{"error": 1}]', "failed"),
        ("[Errno 111] refused", "[Errno 111] refused"),
        ("first\nsecond", "first"),
        ("a" * 3000, "a" * (MOST - 1) + "…"),
        ("", ""),
    ],
)
def test_a_reason_is_short(text: str, shown: str) -> None:
    assert short(text) == shown


def test_a_process_that_is_not_ready_tells_its_first_failing_check() -> None:
    missing = {"start-up": 'PUT connectors: {"error": {"deep": 1}}', "kafka": "away"}

    assert _why(httpx.Response(503, json={"missing": missing})) == "start-up: PUT connectors"
    assert _why(httpx.Response(502, text="away")) == "away"


async def test_a_database_that_is_unavailable_is_asked_again() -> None:
    answers: list[Exception | str] = [Unavailable("the product search"), "found"]

    async def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await retries.until_available(ask) == "found"


INTERRUPTED = """
import os, signal, sys
from importlib.abc import MetaPathFinder

class Interrupt(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "oms.main":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
from oms.__main__ import main
main()
"""


def test_an_interruption_during_the_imports_is_one_line() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "interrupted\n")
