"""The databases of the embedded stack wait for the disk at each commit, unless they are told not to."""

from __future__ import annotations

import pytest

from local.configuration import configuration
from local.environment import environment
from local.errors import StackError

DURABLE = {
    "mariadb.cnf": ["innodb-flush-log-at-trx-commit=1", "sync-binlog=1"],
    "postgresql.conf": ["fsync = on", "synchronous_commit = on"],
}
SURVIVES_A_KILL = {
    "mariadb.cnf": ["innodb-flush-log-at-trx-commit=2", "sync-binlog=0"],
    "postgresql.conf": ["fsync = off", "synchronous_commit = on"],
}


@pytest.mark.parametrize(("setting", "expected"), [({}, DURABLE), ({"OMS_FSYNC": "off"}, SURVIVES_A_KILL)])
def test_commits_are_durable_by_default(setting: dict[str, str], expected: dict[str, list[str]]) -> None:
    files = configuration(environment(setting))

    for name, lines in expected.items():
        assert [line for line in files[name].splitlines() if line in lines] == lines


def test_another_setting_is_refused() -> None:
    with pytest.raises(StackError, match="OMS_FSYNC is 'no': expected on or off"):
        configuration(environment({"OMS_FSYNC": "no"}))
