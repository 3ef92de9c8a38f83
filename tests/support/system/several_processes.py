"""A service without databases, in several processes: `python -m tests.support.system.several_processes`.

`GET /held` is answered once the file `OMS_TEST_RELEASE` exists.
"""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI

from chassis.http.app import serve, service
from chassis.logs import logger
from tests.support.eventually import eventually

log = logger(__name__)


async def _nothing() -> None:
    pass


def _is_released() -> None:
    assert Path(os.environ["OMS_TEST_RELEASE"]).exists()


def app() -> FastAPI:
    """The app."""
    made = service("orders", "Answers with its process.", checks={}, prepare=_nothing, close=_nothing)

    @made.get("/pid")
    async def pid() -> int:
        return os.getpid()

    @made.get("/held")
    async def held() -> int:
        log.info("held")
        await eventually(_is_released)
        return os.getpid()

    return made


if __name__ == "__main__":
    serve(app(), "orders")
