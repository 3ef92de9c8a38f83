"""Lists what this machine lacks, before anything is downloaded: `python3 local/preflight.py [python|all]`.

Standard library and Python 3.6 syntax only, so that a Python that is too old can report itself.
"""

import ctypes
import importlib.util
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SERVERS_USER = os.environ.get("OMS_SERVER_USER", "nobody") if os.geteuid() == 0 else None
NEEDED_GB = 3
# Libraries of MariaDB and Redis, and their Debian packages.
LIBRARIES = {"libsystemd.so.0": "libsystemd0", "libcrypt.so.1": "libcrypt1", "libssl.so.3": "libssl3"}


def python() -> "Iterator[str]":
    """Python is new enough and can create virtual environments."""
    if sys.version_info < (3, 11):  # noqa: UP036 this is the one place that must run on an older one
        found = f"{sys.executable} is Python {platform.python_version()}"
        yield f"{found}; install 3.11 or newer, and set PYTHON, such as PYTHON=/usr/bin/python3.11"
    elif not importlib.util.find_spec("ensurepip"):
        yield f"{sys.executable} cannot create virtual environments; install its venv package (Debian: python3-venv)"


def java() -> "Iterator[str]":
    """A JDK, not only a JRE, because the Elasticsearch plugin is compiled."""
    home = os.environ.get("JAVA_HOME")
    program = os.path.join(home, "bin", "java") if home else shutil.which("java")  # noqa: PTH118 a plain string
    if not program or not os.access(program, os.X_OK):
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        yield f"there is no java {where}; install a JDK, 17 or newer (Debian: openjdk-17-jdk-headless)"
        return
    output = subprocess.run([program, "-version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout
    version = re.search(rb'version "(?:1\.)?(\d+)', output)
    if not version or int(version.group(1)) < 17:
        yield f"{program} is not Java 17 or newer; install a newer JDK, or set JAVA_HOME"
    elif not (shutil.which("javac", path=str(Path(program).resolve().parent)) or shutil.which("javac")):
        yield f"{program} has no javac; install a JDK (Debian: openjdk-17-jdk-headless)"
    if not may_run(SERVERS_USER, program):
        yield f"the servers run as {SERVERS_USER}, which may not run {program}; install a JDK for all accounts"


def tools() -> "Iterator[str]":
    """The programs that the installer and the supervisor call."""
    if not shutil.which("mvn"):
        yield "there is no mvn on the PATH; install Maven, which downloads the servers (Debian: maven)"
    for tool in ("flock", "setpriv"):
        if not shutil.which(tool):
            yield f"there is no {tool} on the PATH; install util-linux"


def machine() -> "Iterator[str]":
    """The platform of the servers' binaries."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        yield f"this is {platform.system()} on {platform.machine()}; the servers need Linux on x86-64, or use Docker"
        return
    name, version = platform.libc_ver()
    if name != "glibc" or tuple(int(part) for part in version.split(".")[:2]) < (2, 34):
        yield f"the C library here is {name} {version}; the servers need glibc 2.34 or newer, or use Docker"
        return
    for library, package in sorted(LIBRARIES.items()):
        try:
            ctypes.CDLL(library)
        except OSError:
            yield f"{library} is missing; install it (Debian: {package})"


def disk() -> "Iterator[str]":
    """Disk space for the first installation."""
    free_gb = shutil.disk_usage(str(CHECKOUT)).free / 1e9
    if free_gb < NEEDED_GB and not (CHECKOUT / ".local" / "servers").exists():
        yield f"{CHECKOUT} has {free_gb:.1f} GB free; the first installation needs about {NEEDED_GB} GB"


def checkout() -> "Iterator[str]":
    """The installer can write the folder, and the account of the servers can enter it."""
    folder = CHECKOUT / ".local"
    if not os.access(str(folder if folder.exists() else CHECKOUT), os.W_OK):
        yield f"{folder} belongs to another account; use that account, or remove it"
    if not may_run(SERVERS_USER, str(CHECKOUT / "local" / "server")):
        yield (
            f"the servers run as {SERVERS_USER}, which cannot enter {CHECKOUT};"
            " clone into a folder that account can enter, or run as an ordinary user"
        )


def may_run(account: "str | None", path: str) -> bool:
    """Whether the account may read and execute the file; None is the current account."""
    if account is None:
        return os.access(path, os.R_OK | os.X_OK)
    try:
        entry = pwd.getpwnam(account)
    except KeyError:
        return False
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os._exit(0 if os.access(path, os.R_OK | os.X_OK) else 1)
    return os.waitpid(child, 0)[1] == 0


def main() -> None:
    """Print every problem; exit with 1 if there is any."""
    checks = (python,) if sys.argv[1:] == ["python"] else (python, java, tools, machine, disk, checkout)
    problems = [problem for check in checks for problem in check()]
    for problem in problems:
        print(f"oms: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
