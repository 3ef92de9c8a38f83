"""Finds out before the start whether a port that the stack needs is taken."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping

from chassis import addresses
from local.errors import StackError
from local.programs import Program


def check(programs: Iterable[Program], environ: Mapping[str, str]) -> None:
    """Raises StackError with a line for each port that is taken, or that two of ours would share."""
    problems: list[str] = []
    seen: dict[int, str] = {}
    for name in (name for program in programs for name in program.ports):
        port = addresses.port(name, environ)
        move = f"OMS_{name.upper()}_PORT=…"
        if port in seen:
            problems.append(f"port {port} is both for {seen[port]} and for {name}: move one with {move}")
        elif not is_free(port):
            problems.append(
                f"port {port} ({name}) is taken by another program:"
                f" stop it, or move ours with {move} (or all with OMS_PORT_BASE=…)"
            )
        seen[port] = name
    if problems:
        raise StackError("\n".join(problems))


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket() as probe:
        # As the servers do: a connection that still fades away does not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
