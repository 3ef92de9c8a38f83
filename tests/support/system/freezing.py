"""Stops or freezes programs of the stack: a frozen process keeps its connections and does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from local import supervisor
from local.programs import PROGRAMS


@contextmanager
def stopped(environ: dict[str, str], name: str) -> Iterator[None]:
    """Keep a program of the stack stopped while the block runs, as `make down` would stop it."""
    [program] = [each for each in PROGRAMS if each.name == name]
    supervisor.stop_program(program, environ)
    try:
        yield
    finally:
        supervisor.start_program(program, environ)


@contextmanager
def frozen(environ: dict[str, str], name: str) -> Iterator[None]:
    """Freeze a program of the stack and its children by SIGSTOP while the block runs."""
    first = psutil.Process(supervisor.states(environ)[name]["pid"])
    processes = [first, *first.children(recursive=True)]  # Elasticsearch is a child of its launcher
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()
