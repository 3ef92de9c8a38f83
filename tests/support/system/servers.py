"""The servers and the whole system for the tests, with their own ports and folder, beside a live system."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from local import stack
from local.environment import brings_mysql, environment
from local.programs import GROUPS, SERVERS
from tests.support.system import outside_mysql

PORT_BASE = 20000
PORTS_OF_A_RUN = 200
DATA_DIR = ".local/test"
"""Followed by the ports' base if that is another one, so that two runs in one checkout have a stack each."""


def test_environment() -> dict[str, str]:
    """The environment of the tests' stack. `OMS_TEST_PORT_BASE` changes its ports; each process of pytest-xdist has its
    own.
    """
    own = {name: value for name, value in os.environ.items() if not _leads_to_a_live_system(name)}
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    base = int(os.environ.get("OMS_TEST_PORT_BASE", PORT_BASE)) + number * PORTS_OF_A_RUN
    folder = DATA_DIR if base == PORT_BASE else f"{DATA_DIR}-{base}"
    # Tests kill servers, but cannot cut the power, so that they need no fsync: a commit takes a fraction of the time.
    quick = {"OMS_FSYNC": "off", "OMS_SUPPLIER_STEP_S": "0.5"}
    return environment({**quick, **own, "OMS_PORT_BASE": str(base), "OMS_DATA_DIR": folder})


def start(groups: Iterable[str] = GROUPS) -> None:
    """Start these groups without the data of an earlier run, and without waiting until they are ready.

    Raises StackError: a port is taken, nothing is installed.
    """
    clean()
    stack.start(test_environment(), groups)


def clean() -> None:
    """Stop everything and remove its data."""
    stack.clean(test_environment(), say=_quietly)


@contextmanager
def ready_servers() -> Iterator[dict[str, str]]:
    """The servers, ready. As long as the block runs, the environment leads to them."""
    environ = test_environment()
    if not brings_mysql(environ):
        asyncio.run(outside_mysql.refuse_if_in_use(environ))
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        stack.up(environ, [SERVERS], say=_quietly)
        yield environ
    finally:
        if not brings_mysql(environ):
            stack.down(environ, say=_quietly)
            asyncio.run(outside_mysql.drop_all(environ))
        os.environ.clear()
        os.environ.update(before)


def _leads_to_a_live_system(name: str) -> bool:
    # Variables that `local.stack environment` exported into the shell. An external MySQL server is set on purpose.
    if name.startswith("OMS_MYSQL_") and "OMS_MYSQL_HOST" in os.environ:
        return False
    return name.startswith("OMS_") and name.endswith(("_PORT", "_HOST"))


def _quietly(_: str) -> None:
    return
