"""Making a process stand still: it is there and does not answer, the worst way to be away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from local import supervisor
from local.programs import PROGRAMS


@contextmanager
def stopped(environ: dict[str, str], name: str) -> Iterator[None]:
    """A program of the stack ended as `make down` would end it, as long as the block runs."""
    [program] = [each for each in PROGRAMS if each.name == name]
    supervisor.stop_program(program, environ)
    try:
        yield
    finally:
        supervisor.start_program(program, environ)


@contextmanager
def frozen(environ: dict[str, str], name: str) -> Iterator[None]:
    """A program of the stack and all it started, stopped as long as the block runs."""
    first = psutil.Process(supervisor.states(environ)[name]["pid"])
    processes = [first, *first.children(recursive=True)]  # Elasticsearch is the child of its own launcher
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()
