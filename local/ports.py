"""Checks before the start whether the ports of the stack are free."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping

from chassis import addresses
from local.errors import StackError
from local.programs import Program


def check(programs: Iterable[Program], environ: Mapping[str, str]) -> None:
    """Raises StackError with a line for each port that is taken, or assigned twice."""
    problems: list[str] = []
    seen: dict[int, str] = {}
    for name in (name for program in programs for name in program.ports):
        port = addresses.port(name, environ)
        move = f"OMS_{name.upper()}_PORT=…"
        if port in seen:
            problems.append(f"port {port} is assigned to {seen[port]} and {name}; change one with {move}")
        elif not is_free(port):
            problems.append(
                f"port {port} ({name}) is taken by another program;"
                f" stop it, or set {move} (or OMS_PORT_BASE=… for all ports)"
            )
        seen[port] = name
    if problems:
        raise StackError("\n".join(problems))


def is_free(port: int) -> bool:
    """Whether a server can listen on this port of the loopback interface."""
    with socket.socket() as probe:
        # As the servers do, so that a connection in TIME_WAIT does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
