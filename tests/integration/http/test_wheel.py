"""`pip install .` gives a product that works: what the code reads is in the wheel, which needs no checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator
from os import environ
from pathlib import Path
from zipfile import ZipFile

import pytest

from chassis.databases.mysql import Database
from chassis.settings import mysql

ROOT = Path(__file__).parents[3]
NOT_INSTALLED = ("benchmarks", "docs", "local", "tests")
DATABASE = "migrated_by_the_wheel"

MIGRATE = f"""
import asyncio
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from chassis.settings import mysql
from orders.settings import MIGRATIONS

async def main():
    database = Database(mysql("oms_admin", "OMS_MYSQL_ADMIN_PASSWORD", "{DATABASE}"))
    await migrate_mysql(database, idempotency.MIGRATIONS, MIGRATIONS)
    await database.close()

asyncio.run(main())
"""
"""What `orders` does when it starts."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline from a copy: a build leaves files behind that the next one would take in."""
    folder = tmp_path_factory.mktemp("wheel")
    skipped = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "benchmarks", "tests")
    shutil.copytree(ROOT, folder / "source", ignore=skipped)
    _run(sys.executable, "-m", "pip", "wheel", *_OFFLINE, "--no-build-isolation", "-w", folder, folder / "source")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that has the wheel, and this environment's packages behind it."""
    fresh = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", fresh)
    _run(sys.executable, "-m", "pip", "--python", fresh / "bin" / "python", "install", *_OFFLINE, wheel)
    packages = sysconfig.get_path("purelib", vars={"base": str(fresh)})
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return fresh / "bin"


@pytest.fixture
async def admin(servers: dict[str, str]) -> AsyncIterator[Database]:
    """The MySQL server's administrator; a database for the wheel is there as long as the test runs."""
    opened = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    async with opened.reading() as connection:
        await connection.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    yield opened
    async with opened.reading() as connection:
        await connection.execute(f"DROP DATABASE {DATABASE}")
    await opened.close()


def test_the_wheel_has_every_file_that_the_code_reads(wheel: Path) -> None:
    listed = ZipFile(wheel).namelist()
    there = [file.relative_to(ROOT) for kind in ("sql", "json", "jsonl", "html", "graphql") for file in _files(kind)]

    assert len(there) > 40
    assert [str(file) for file in there if str(file) not in listed] == []
    assert [name for name in listed if name.split("/")[0] in NOT_INSTALLED] == []


def test_the_wheel_has_its_licences(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        licences = [name for name in opened.namelist() if "/licenses/" in name]

    assert {name.split("/licenses/")[1] for name in licences} == {"LICENSE", "demo/NORTHWIND-LICENSE"}


def test_the_command_runs_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    said = _run(installed / "oms", "--help", cwd=tmp_path)
    where = _run(installed / "python", "-c", "import oms; print(oms.__file__)", cwd=tmp_path)

    assert "reconcile" in said
    assert where.startswith(str(installed.parent))


async def test_a_database_is_migrated_without_a_checkout(admin: Database, installed: Path, tmp_path: Path) -> None:
    _run(installed / "python", "-c", MIGRATE, cwd=tmp_path)

    async with admin.reading() as connection:
        tables = await connection.fetch_all(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = %s", [DATABASE]
        )
    assert {"idempotency_key", "order", "order_detail", "order_history"} <= {row["name"] for row in tables}


_OFFLINE = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")


def _files(kind: str) -> list[Path]:
    folders = [folder for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    return [file for folder in folders if folder.name not in NOT_INSTALLED for file in folder.rglob(f"*.{kind}")]


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
