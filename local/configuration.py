"""The configuration of supervisord and the servers, from the table of programs and the templates in `conf/`."""

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
from local.errors import StackError
from local.programs import SERVERS, Program, ours

Section = dict[str, str]

# A program that dies is restarted, as long as the stack is up.
RETRIES = "1000000"


def configuration(environ: Mapping[str, str]) -> dict[str, str]:
    """The text of each file of the stack's `conf` folder. No file has a password.

    Raises StackError for an unknown `OMS_FSYNC`.
    """
    names = {**environ, "STACK_NAME": stack_name(environ), **_syncing(environ)}
    templates = sorted((CHECKOUT / "local" / "conf").iterdir())
    files = {template.name: Template(template.read_text()).substitute(names) for template in templates}
    return files | {"supervisord.conf": _supervisord(environ)}


def _syncing(environ: Mapping[str, str]) -> dict[str, str]:
    """What the databases do at a commit. Without fsync it is still written to the kernel, and so survives a kill."""
    match environ.get("OMS_FSYNC", "on"):
        case "on":
            return {"MYSQL_FLUSH_AT_COMMIT": "1", "MYSQL_SYNC_BINLOG": "1", "POSTGRES_FSYNC": "on"}
        case "off":
            return {"MYSQL_FLUSH_AT_COMMIT": "2", "MYSQL_SYNC_BINLOG": "0", "POSTGRES_FSYNC": "off"}
        case other:
            raise StackError(f"OMS_FSYNC is {other!r}: expected on or off")


def configuration_file(environ: Mapping[str, str]) -> Path:
    """The configuration file of supervisord."""
    return data_dir(environ) / "conf" / "supervisord.conf"


def socket_path(environ: Mapping[str, str]) -> Path:
    """The socket of supervisord: not in the data folder, because a socket's path has at most 107 bytes."""
    return Path("/tmp") / stack_name(environ) / "supervisor.sock"


def log_file(environ: Mapping[str, str], name: str) -> Path:
    """The log of a program, or of supervisord itself."""
    return data_dir(environ) / "log" / f"{name}.log"


def full_name(program: Program) -> str:
    """The name in supervisord. Groups stop one after the other in reverse order, so Connect is a separate group."""
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
    return _to_text(sections)


def _program(program: Program, environ: Mapping[str, str]) -> Section:
    user = environ["OMS_SERVER_USER" if program.group == SERVERS else "OMS_PROCESS_USER"]
    return {
        # If supervisord is killed, the kernel sends the signal, so that no program keeps its port.
        "command": f"setpriv --pdeathsig {program.stop_signal} {program.command}",
        **({"user": user} if os.geteuid() == 0 else {}),
        **({"environment": _quoted(program.environment)} if program.environment else {}),
        "autostart": "false",
        "autorestart": "unexpected" if program.once else "true",
        "exitcodes": "0",
        "startsecs": "0" if program.once else "1",
        "startretries": RETRIES,
        "stopsignal": program.stop_signal,
        "stopwaitsecs": "30" if program.group == SERVERS else "40",
        # The children of Postgres act on INT themselves; those of all others stop with their parent.
        "stopasgroup": "false" if program.stop_signal == "INT" else "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(log_file(environ, program.name)),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "3",
    }


def _variables(environ: Mapping[str, str]) -> str:
    """The ports, which identify a stack with other settings, and a home folder that every account may enter."""
    variables = {**every_port(environ), "HOME": str(data_dir(environ) / "faust"), "PYTHONUNBUFFERED": "1"}
    return _quoted(variables)


def _quoted(variables: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in variables.items())


def _to_text(sections: Mapping[str, Section]) -> str:
    parser = RawConfigParser()
    for name, section in sections.items():
        parser[name] = {key: value.replace("%", "%%") for key, value in section.items()}
    text = StringIO()
    parser.write(text)
    return text.getvalue()
