"""The real servers and the whole system for the tests: on ports and in a folder of their own, beside a live system."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from local import stack
from local.environment import environment

PORT_BASE = "20000"
DATA_DIR = ".local/test"


def test_environment() -> dict[str, str]:
    """The environment of the tests' own stack. `OMS_TEST_PORT_BASE` moves its ports."""
    own = {name: value for name, value in os.environ.items() if not _is_a_port(name)}
    moved = {"OMS_PORT_BASE": os.environ.get("OMS_TEST_PORT_BASE", PORT_BASE), "OMS_DATA_DIR": DATA_DIR}
    return environment({**own, **moved})


def running_servers() -> Iterator[dict[str, str]]:
    """Fresh servers with databases, accounts and topics; gone with their data afterwards."""
    from oms.prepare import prepare_all

    environ = test_environment()
    stack.clean(environ, say=_quietly)
    os.environ.update(environ)
    try:
        stack.up(environ, ("servers",))
        asyncio.run(prepare_all())
        yield environ
    finally:
        stack.clean(environ, say=_quietly)


def running_system() -> Iterator[dict[str, str]]:
    """The whole system, fresh and ready; gone with its data afterwards."""
    environ = test_environment()
    stack.clean(environ, say=_quietly)
    os.environ.update(environ)
    try:
        stack.up(environ)
        yield environ
    finally:
        stack.clean(environ, say=_quietly)


def _is_a_port(name: str) -> bool:
    # A live system's settings, exported in the shell, must not lead the tests to it. An outside MySQL is meant.
    return name.startswith("OMS_") and name.endswith("_PORT") and name != "OMS_MYSQL_PORT"


def _quietly(_: str) -> None:
    return
