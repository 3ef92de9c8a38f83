"""The folder with all data of a stack: laid out before the start, removed by `clean`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from local.accounts import enters, ids
from local.configuration import configuration, log_file, socket_path
from local.environment import data_dir
from local.errors import StackError
from local.programs import SERVERS, ours


def lay_out(environ: Mapping[str, str]) -> None:
    """Make each server's folder, which only its account may read, and write the configuration anew.

    Raises StackError where the servers' account cannot come in, or the folder of the socket is not ours.
    """
    folder = data_dir(environ)
    folder.mkdir(parents=True, exist_ok=True)
    user = environ["OMS_SERVER_USER"]
    if not enters(user, folder):
        raise StackError(
            f"the servers do not run as root but as {user}, which cannot enter {folder}:"
            " give a folder other accounts can enter as OMS_DATA_DIR, or run as an ordinary user"
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
    """Remove what the stack wrote, and nothing else that is in the folder. Returns what was removed, with its size."""
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
    """Whether what is written there is what would be written now."""
    conf = data_dir(environ) / "conf"
    return all((conf / name).read_text() == text for name, text in configuration(environ).items())


def _own_folder(folder: Path, user: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, *ids(user))


def _private_folder(folder: Path) -> None:
    """/tmp is everyone's: someone else may have made the folder to listen in."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise StackError(f"{folder} belongs to someone else: remove it")
