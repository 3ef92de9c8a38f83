"""The data folder of a stack: created before the start, removed by `clean`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from local.accounts import can_enter, ids
from local.configuration import configuration, log_file, socket_path
from local.environment import data_dir
from local.errors import StackError
from local.programs import SERVERS, ours


def create(environ: Mapping[str, str]) -> None:
    """Create the folder of each server, readable by its account only, and write the configuration.

    Raises StackError if the account of the servers cannot enter, or the socket's folder belongs to someone else.
    """
    folder = data_dir(environ)
    folder.mkdir(parents=True, exist_ok=True)
    user = environ["OMS_SERVER_USER"]
    if not can_enter(user, folder):
        raise StackError(
            f"the servers run as {user}, which cannot enter {folder};"
            " set OMS_DATA_DIR to a folder that account can enter, or run as an ordinary user"
        )
    log_file(environ, "supervisord").parent.mkdir(exist_ok=True)
    for server in ours(environ, [SERVERS]):
        _own_folder(folder / server.name, user)
    _own_folder(folder / "faust", environ["OMS_PROCESS_USER"])
    (folder / "conf").mkdir(exist_ok=True)
    for name, text in configuration(environ).items():
        (folder / "conf" / name).write_text(text)
    _private_folder(socket_path(environ).parent)


def remove(environ: Mapping[str, str]) -> list[str]:
    """Remove what the stack wrote, and nothing else in the folder. Returns what was removed, with its size."""
    folder = data_dir(environ)
    shutil.rmtree(socket_path(environ).parent, ignore_errors=True)
    if not (folder / "conf" / "supervisord.conf").exists():
        return []
    size_mb = sum(path.lstat().st_size for path in folder.rglob("*")) / 1e6
    names = [*(server.name for server in ours(environ, [SERVERS])), "faust", "log", "conf"]
    for name in names:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "supervisord.pid").unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
    return [f"{folder} ({size_mb:.0f} MB)"]


def is_current(environ: Mapping[str, str]) -> bool:
    """Whether the written configuration equals that of the current settings."""
    conf = data_dir(environ) / "conf"
    return all((conf / name).read_text() == text for name, text in configuration(environ).items())


def _own_folder(folder: Path, user: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, *ids(user))


def _private_folder(folder: Path) -> None:
    """Create a folder in /tmp that only this account can use. Raises StackError if someone else created it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise StackError(f"{folder} belongs to another account; remove it")
