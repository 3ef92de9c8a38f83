"""The accounts that servers and our processes run as: never root where that can be helped."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.errors import StackError

CHECKOUT = Path(__file__).resolve().parent.parent
PYTHON = CHECKOUT / ".venv" / "bin" / "python"


def server_user(environ: Mapping[str, str]) -> str:
    """Root starts the servers as `nobody` (or `OMS_SERVER_USER`), since some refuse root; all others as themselves."""
    return environ.get("OMS_SERVER_USER", "nobody") if os.geteuid() == 0 else _myself()


def process_user(environ: Mapping[str, str]) -> str:
    """As the servers, unless our Python is out of that account's reach: root's own is often under /root."""
    if os.geteuid() != 0:
        return _myself()
    if user := environ.get("OMS_PROCESS_USER"):
        return user
    user = server_user(environ)
    return user if _runs_python(user) else "root"


def ids(user: str) -> tuple[int, int]:
    """The account's user and group number. Raises StackError for an account that does not exist."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        if user.isdecimal():
            return int(user), os.getegid()
        raise StackError(f"there is no account {user}: name one that servers may run as in OMS_SERVER_USER") from None
    return entry.pw_uid, entry.pw_gid


def enters(user: str, folder: Path) -> bool:
    """Whether the account may go into the folder, asked of the system."""
    return _succeeds(user, ["test", "-x", str(folder)])


def _runs_python(user: str) -> bool:
    return _succeeds(user, [str(PYTHON), "-c", "import supervisor"])


def _succeeds(user: str, command: list[str]) -> bool:
    if os.geteuid() != 0:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    uid, gid = ids(user)
    try:
        done = subprocess.run(command, capture_output=True, check=False, user=uid, group=gid, extra_groups=[], cwd="/")
    except PermissionError:
        return False
    return done.returncode == 0


def _myself() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        # In a container the account is often only a number.
        return str(os.geteuid())
