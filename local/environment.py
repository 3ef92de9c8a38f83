"""The environment of the whole stack: ports, passwords, folders, accounts and Java."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from chassis.addresses import every_port
from local.accounts import CHECKOUT, process_user, server_user
from local.errors import StackError

SECRETS = CHECKOUT / ".local" / "secrets.env"


def environment(base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`base`, and defaults for everything else that the stack reads. Idempotent.

    Raises StackError if the passwords are not readable, and ValueError for an invalid port.
    """
    java_home = _java_home(base)
    return {
        **secrets(),
        "OMS_SUPPLIER": "simulated",
        **base,
        **every_port(base),
        **({"JAVA_HOME": java_home, "ES_JAVA_HOME": java_home} if java_home else {}),
        "OMS_DATA_DIR": str((CHECKOUT / base.get("OMS_DATA_DIR", ".local/data")).resolve()),
        "OMS_SERVER_USER": server_user(base),
        "OMS_PROCESS_USER": process_user(base),
    }


def secrets() -> dict[str, str]:
    """The secrets that the installer generated; empty before the installation."""
    try:
        lines = SECRETS.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise StackError(f"{SECRETS} belongs to another account; use that account") from None
    return dict(line.split("=", 1) for line in lines if line)


def data_dir(environ: Mapping[str, str]) -> Path:
    """The folder of the stack's data and logs."""
    return Path(environ["OMS_DATA_DIR"])


def stack_name(environ: Mapping[str, str]) -> str:
    """A short name that is unique to the stack's data folder."""
    return "oms-" + hashlib.sha256(environ["OMS_DATA_DIR"].encode()).hexdigest()[:12]


def brings_mysql(environ: Mapping[str, str]) -> bool:
    """Whether MySQL is part of the stack; `OMS_MYSQL_HOST` names an external one."""
    return "OMS_MYSQL_HOST" not in environ


def _java_home(environ: Mapping[str, str]) -> str | None:
    if home := environ.get("JAVA_HOME"):
        return home
    java = shutil.which("java", path=environ.get("PATH"))
    if java is None:
        return None
    home_of_binary = Path(java).resolve().parent.parent
    if (home_of_binary / "lib" / "modules").exists():
        return str(home_of_binary)
    # `java` is the script of a version manager: only Java itself knows its home.
    result = subprocess.run(
        [java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"java\.home = (.+)", result.stderr)
    return found[1].strip() if found else None
