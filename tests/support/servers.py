"""The servers and the whole system for the tests, with their own ports and folder, beside a live system."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from local import stack
from local.environment import brings_mysql, environment
from tests.support import outside_mysql

PORT_BASE = "20000"
DATA_DIR = ".local/test"


def test_environment() -> dict[str, str]:
    """The environment of the tests' stack. `OMS_TEST_PORT_BASE` changes its ports."""
    own = {name: value for name, value in os.environ.items() if not _leads_to_a_live_system(name)}
    moved = {"OMS_PORT_BASE": os.environ.get("OMS_TEST_PORT_BASE", PORT_BASE), "OMS_DATA_DIR": DATA_DIR}
    return environment({**own, **moved})


def running_servers() -> Iterator[dict[str, str]]:
    """Fresh servers with databases, accounts and topics; deleted with their data afterwards."""
    from oms.prepare.command import prepare_all

    with _fresh() as environ:
        stack.up(environ, ("servers",))
        asyncio.run(prepare_all())
        yield environ


def running_system() -> Iterator[dict[str, str]]:
    """The whole system, fresh and ready; deleted with its data afterwards."""
    with _fresh() as environ:
        stack.up(environ)
        yield environ


@contextmanager
def _fresh() -> Iterator[dict[str, str]]:
    environ = test_environment()
    stack.clean(environ, say=_quietly)
    if not brings_mysql(environ):
        asyncio.run(outside_mysql.refuse_if_in_use(environ))
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        yield environ
    finally:
        stack.clean(environ, say=_quietly)
        if not brings_mysql(environ):
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
