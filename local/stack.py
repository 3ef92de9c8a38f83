"""Starts and stops the embedded stack: `python -m local.stack up|down|clean|status|logs|environment`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterable, Mapping

from chassis.settings import seconds
from local import data, ports, readiness, supervisor
from local.configuration import log_file
from local.environment import SECRETS, environment
from local.errors import StackError
from local.programs import GROUPS, PROGRAMS, Program, ours
from local.readiness import Say

START_TIMEOUT_S = 600.0
"""Default of `OMS_START_TIMEOUT_S`: how long all programs may take to be ready."""


def announce(line: str) -> None:
    """Print a line of progress without buffering."""
    print(line, flush=True)


def start(environ: Mapping[str, str], groups: Iterable[str] = GROUPS) -> list[Program]:
    """Start programs that do not run, without waiting. Returns those of `groups`. `environ` comes from `environment`.

    Raises StackError if a port is taken or the servers are not installed.
    """
    programs = ours(environ, groups)
    if not SECRETS.exists() or "JAVA_HOME" not in environ:
        raise StackError("the servers are not installed; run `make install`")
    if supervisor.pid(environ) is None:
        ports.check(programs, environ)
        data.create(environ)
        supervisor.start(environ)
    elif not data.is_current(environ):
        raise StackError("the stack runs with other ports or settings; run `make down` first")
    states = supervisor.states(environ)
    stopped = [p for p in programs if states[p.name]["statename"] in supervisor.STOPPED]
    stopped = [p for p in stopped if not (p.once and states[p.name]["start"] and states[p.name]["exitstatus"] == 0)]
    ports.check(stopped, environ)
    for program in stopped:
        supervisor.start_program(program, environ)
    return programs


def up(environ: Mapping[str, str], groups: Iterable[str] = GROUPS, *, say: Say = announce) -> None:
    """Start what does not run yet and wait until all of `groups` are ready. `environ` comes from `environment`.

    Raises StackError: a port is taken, nothing is installed, something is not ready in time. What runs stays up then.
    Raises ValueError for a setting that is no time. Must not be called inside an event loop.
    """
    wait_s = seconds("OMS_START_TIMEOUT_S", START_TIMEOUT_S)
    readiness.wait(start(environ, groups), environ, wait_s=wait_s, say=say)


def down(environ: Mapping[str, str], *, say: Say = announce) -> None:
    """Stop everything and wait for the end. Data is kept."""
    say("stopped" if supervisor.stop(environ) else "nothing is running")


def clean(environ: Mapping[str, str], *, say: Say = announce) -> None:
    """Stop everything and delete data and logs; installed servers and passwords are kept."""
    down(environ, say=say)
    for removed in data.remove(environ) or ["nothing, there is no data"]:
        say(f"deleted {removed}")


def logs(environ: Mapping[str, str], names: Iterable[str]) -> None:
    """Become `tail -F` on the logs of these programs, or of all. Raises StackError for an unknown name."""
    known = [*(program.name for program in ours(environ)), "supervisord"]
    wanted = list(names) or known
    if unknown := sorted(set(wanted) - set(known)):
        raise StackError(f"unknown program {', '.join(unknown)}; programs are {', '.join(known)}")
    files = [log_file(environ, name) for name in wanted]
    written = [str(file) for file in files if file.exists()]
    if not written:
        raise StackError("there are no logs yet; run `make up`")
    os.execvp("tail", ["tail", "-n", "100", "-F", *written])


def exports(environ: Mapping[str, str]) -> list[str]:
    """Shell commands that export the ports, passwords and folders of the stack."""
    names = sorted(name for name in environ if name.startswith("OMS_") or name in ("JAVA_HOME", "ES_JAVA_HOME"))
    return [f"export {name}={shlex.quote(environ[name])}" for name in names if name not in _PORT_BASE]


# Each port is exported itself; the base would override them.
_PORT_BASE = {"OMS_PORT_BASE"}


def main() -> None:
    """Run one command; print errors without a traceback."""
    arguments = _arguments()
    try:
        _run(arguments, environment())
    except (StackError, ValueError, OSError) as error:
        sys.exit("\n".join(f"oms: {line}" for line in str(error).splitlines()))
    except KeyboardInterrupt:
        sys.exit("oms: interrupted; started programs keep running, `make down` stops them")


def _run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    match arguments.command:
        case "up":
            up(environ, arguments.only or GROUPS)
        case "down":
            down(environ)
        case "clean":
            clean(environ)
        case "status":
            # Imported here, because only this command needs rich and psutil.
            from local import status

            status.show(environ)
        case "logs":
            logs(environ, arguments.service)
        case "environment":
            print("\n".join(exports(environ)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    starts = commands.add_parser("up", help="start programs that do not run, and wait until they are ready")
    starts.add_argument("--only", choices=GROUPS, action="append", help="start only the servers or only the processes")
    commands.add_parser("down", help="stop everything; keep the data")
    commands.add_parser("clean", help="stop everything and delete data and logs")
    commands.add_parser("status", help="show the running programs")
    follows = commands.add_parser("logs", help="follow the logs")
    follows.add_argument("service", nargs="*", help=", ".join(program.name for program in PROGRAMS))
    commands.add_parser("environment", help="print shell commands that export ports and passwords")
    return parser.parse_args()


if __name__ == "__main__":
    main()
