"""What supervisord and the servers are configured with, from the table of programs and the templates in `conf/`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from configparser import RawConfigParser
from io import StringIO
from pathlib import Path
from string import Template

from chassis.addresses import every_port
from local.accounts import CHECKOUT
from local.environment import data_dir, stack_name
from local.programs import SERVERS, Program, ours

Section = dict[str, str]

# Whatever dies is started again, for as long as the stack is up.
TRIES = "1000000"


def configuration(environ: Mapping[str, str]) -> dict[str, str]:
    """The text of each file in the stack's `conf` folder. It holds no password."""
    names = {**environ, "STACK_NAME": stack_name(environ)}
    templates = sorted((CHECKOUT / "local" / "conf").iterdir())
    files = {template.name: Template(template.read_text()).substitute(names) for template in templates}
    return files | {"supervisord.conf": _supervisord(environ)}


def configuration_file(environ: Mapping[str, str]) -> Path:
    """supervisord's own."""
    return data_dir(environ) / "conf" / "supervisord.conf"


def socket_path(environ: Mapping[str, str]) -> Path:
    """Where supervisord answers: not in the data folder, because the path of a socket has 107 bytes at most."""
    return Path("/tmp") / stack_name(environ) / "supervisor.sock"


def log_file(environ: Mapping[str, str], name: str) -> Path:
    """The log of a program, or of supervisord itself."""
    return data_dir(environ) / "log" / f"{name}.log"


def full_name(program: Program) -> str:
    """As supervisord calls it. Groups stop one after the other, the last first, so Connect is a group of its own."""
    return f"{'connect' if program.stops_first else program.group}:{program.name}"


def _supervisord(environ: Mapping[str, str]) -> str:
    sections: dict[str, Section] = {
        "supervisord": {
            "logfile": str(log_file(environ, "supervisord")),
            "logfile_maxbytes": "10MB",
            "logfile_backups": "3",
            "pidfile": str(data_dir(environ) / "supervisord.pid"),
            "environment": _variables(environ),
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "unix_http_server": {"file": str(socket_path(environ)), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    groups: dict[str, list[str]] = {}
    for program in ours(environ):
        groups.setdefault(full_name(program).split(":")[0], []).append(program.name)
        sections[f"program:{program.name}"] = _program(program, environ)
    for priority, group in enumerate(sorted(groups, key=["servers", "connect", "processes"].index)):
        sections[f"group:{group}"] = {"programs": ",".join(groups[group]), "priority": str(priority)}
    return _written(sections)


def _program(program: Program, environ: Mapping[str, str]) -> Section:
    user = environ["OMS_SERVER_USER" if program.group == SERVERS else "OMS_PROCESS_USER"]
    return {
        # The kernel passes the signal on where supervisord itself is killed, so that nothing is left holding a port.
        "command": f"setpriv --pdeathsig {program.stop_signal} {program.command}",
        **({"user": user} if os.geteuid() == 0 else {}),
        "autostart": "false",
        "autorestart": "unexpected" if program.once else "true",
        "exitcodes": "0",
        "startsecs": "0" if program.once else "1",
        "startretries": TRIES,
        "stopsignal": program.stop_signal,
        "stopwaitsecs": "30" if program.group == SERVERS else "40",
        # Postgres' children take its INT for an order of their own; all others end with their parent.
        "stopasgroup": "false" if program.stop_signal == "INT" else "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(log_file(environ, program.name)),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "3",
    }


def _variables(environ: Mapping[str, str]) -> str:
    """The ports, because a stack that runs with others must be told apart; and a home that every account may enter."""
    variables = {**every_port(environ), "HOME": str(data_dir(environ) / "faust"), "PYTHONUNBUFFERED": "1"}
    return ",".join(f'{name}="{value}"' for name, value in variables.items())


def _written(sections: Mapping[str, Section]) -> str:
    parser = RawConfigParser()
    for name, section in sections.items():
        parser[name] = {key: value.replace("%", "%%") for key, value in section.items()}
    text = StringIO()
    parser.write(text)
    return text.getvalue()
