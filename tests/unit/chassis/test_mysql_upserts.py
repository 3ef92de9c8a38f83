"""How rows that may be there already are written, by each server."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from chassis.databases.mysql_upserts import overwrite_later, write_newer
from tests.support.system.processes import CHECKOUT


class Recorded:
    """A connection that notes what it is given."""

    def __init__(self, server_version: str) -> None:
        self.server_version = server_version
        self.said: list[tuple[str, list[object]]] = []

    async def execute(self, sql: str, parameters: list[object]) -> int:
        self.later(sql, parameters)
        return 0

    def later(self, sql: str, parameters: list[object]) -> None:
        self.said.append((sql, parameters))


async def spelt(server_version: str) -> str:
    there = Recorded(server_version)
    await write_newer(there, "thing", ("id", "name", "version"), [("a", "A", 1)])  # type: ignore[arg-type]
    [(sql, parameters)] = there.said
    assert parameters == ["a", "A", 1]
    return sql


@pytest.mark.parametrize("version", ["8.0.19", "8.0.31", "8.4.6", "9.7.4-2", "10.0.0"])
async def test_mysql_names_the_new_row(version):
    assert await spelt(version) == (
        "INSERT INTO thing (id, name, version) VALUES (%s, %s, %s) AS new ON DUPLICATE KEY UPDATE"
        " name = IF(thing.version < new.version, new.name, thing.name),"
        " version = IF(thing.version < new.version, new.version, thing.version)"
    )


@pytest.mark.parametrize("version", ["11.4.5-MariaDB", "5.5.5-11.4.5-MariaDB-log", "8.0.18", "5.7.44", "", "another"])
async def test_others_know_only_values(version):
    assert await spelt(version) == (
        "INSERT INTO thing (id, name, version) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE"
        " name = IF(thing.version < VALUES(version), VALUES(name), thing.name),"
        " version = IF(thing.version < VALUES(version), VALUES(version), thing.version)"
    )


def test_what_is_overwritten_gets_the_next_version():
    there = Recorded("9.7.4")
    overwrite_later(there, "thing", ("id", "name", "version"), [("a", "A", 1)])  # type: ignore[arg-type]
    assert there.said == [
        (
            "INSERT INTO thing (id, name, version) VALUES (%s, %s, %s) AS new ON DUPLICATE KEY UPDATE"
            " name = new.name, version = thing.version + 1",
            ["a", "A", 1],
        )
    ]


async def test_no_row_is_no_statement_and_many_are_few():
    there = Recorded("9.7.4")
    await write_newer(there, "thing", ("id", "version"), [])  # type: ignore[arg-type]
    await write_newer(there, "thing", ("id", "version"), [(n, 1) for n in range(1201)])  # type: ignore[arg-type]
    assert [len(parameters) for _, parameters in there.said] == [1000, 1000, 402]
    assert [value for _, values in there.said for value in values[::2]] == list(range(1201))


def test_no_other_file_spells_it():
    command = ["git", "ls-files", "*.py", "*.sql", "*.json"]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    ours = [Path(name) for name in listed.stdout.splitlines() if not name.startswith("tests/unit/test_mysql_upserts")]
    spelling = re.compile(r'ON DUPLICATE KEY UPDATE[^"]*?\bVALUES\s*\(')
    found = [name for name in ours if (CHECKOUT / name).exists() and spelling.search((CHECKOUT / name).read_text())]
    assert found == [], "chassis/databases/mysql_upserts.py does so"
