"""The accounts of servers and processes: not root if possible."""

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
    """The account of the servers: `nobody` or `OMS_SERVER_USER` if root starts them, since some refuse root."""
    return environ.get("OMS_SERVER_USER", "nobody") if os.geteuid() == 0 else _current_user()


def process_user(environ: Mapping[str, str]) -> str:
    """The account of the processes: that of the servers, unless it cannot run Python, which may be under /root."""
    if os.geteuid() != 0:
        return _current_user()
    if user := environ.get("OMS_PROCESS_USER"):
        return user
    user = server_user(environ)
    return user if _runs_python(user) else "root"


def ids(user: str) -> tuple[int, int]:
    """The user id and group id of an account. Raises StackError for an unknown account."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        if user.isdecimal():
            return int(user), os.getegid()
        raise StackError(f"there is no account {user}; set OMS_SERVER_USER to an existing account") from None
    return entry.pw_uid, entry.pw_gid


def can_enter(user: str, folder: Path) -> bool:
    """Whether the account may enter the folder."""
    return _succeeds(user, ["test", "-x", str(folder)])


def _runs_python(user: str) -> bool:
    return _succeeds(user, [str(PYTHON), "-c", "import supervisor"])


def _succeeds(user: str, command: list[str]) -> bool:
    if os.geteuid() != 0:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    uid, gid = ids(user)
    try:
        result = subprocess.run(
            command, capture_output=True, check=False, user=uid, group=gid, extra_groups=[], cwd="/"
        )
    except PermissionError:
        return False
    return result.returncode == 0


def _current_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        # In a container, the account often has no name.
        return str(os.geteuid())
