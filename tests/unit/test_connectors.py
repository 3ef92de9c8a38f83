from __future__ import annotations

import json
from itertools import pairwise

import pytest

from connectors.registration import MARIADB, as_for, configurations
from connectors.watch import FIRST_WAIT_S, MOST_WAIT_S, Backoff, failures, is_running
from contracts.catalogue import CONSUMED, HEARTBEATS

ALL = configurations()


def test_there_is_one_connector_for_each_database() -> None:
    assert set(ALL) == {"oms-customers", "oms-products", "oms-orders"}


def test_they_write_exactly_the_topics_of_the_catalogue() -> None:
    captured = {
        (f"connect:{name}", table.partition("\\.")[2])
        for name, configuration in ALL.items()
        for table in configuration["table.include.list"].split(",")
    }

    assert captured == {(topic.writer, topic.name) for topic in (*CONSUMED, *HEARTBEATS)}


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_secret_is_in_a_file(name: str) -> None:
    assert ALL[name]["database.password"] == "${env:OMS_CDC_PASSWORD}"
    assert ALL[name]["database.user"] == "oms_cdc"


def test_connectors_do_not_get_in_each_others_way() -> None:
    for setting in ("database.server.id", "topic.prefix", "schema.history.internal.kafka.topic"):
        assert len({configuration[setting] for configuration in ALL.values()}) == len(ALL)


def test_an_orders_lines_have_the_orders_key() -> None:
    assert ALL["oms-orders"]["message.key.columns"] == "orders.order_detail:order_id"


@pytest.mark.parametrize(("version", "is_mariadb"), [("11.4.5-MariaDB-log", True), ("8.4.6", False), ("9.1.0", False)])
def test_the_server_decides_the_connectors_class(version: str, is_mariadb: bool) -> None:
    chosen = as_for(version, ALL["oms-orders"])["connector.class"]

    assert (chosen == MARIADB) is is_mariadb
    assert ALL["oms-orders"]["connector.class"] == "io.debezium.connector.mysql.MySqlConnector"


def a_status(connector: str, *tasks: str) -> dict[str, object]:
    trace = {"trace": "org.example.Broken: why\n\tat line 1"}
    return {
        "connector": {"state": connector},
        "tasks": [{"id": number, "state": state, **trace} for number, state in enumerate(tasks)],
    }


def test_a_connector_runs_when_it_and_its_task_do() -> None:
    assert is_running(a_status("RUNNING", "RUNNING"))
    assert not is_running(a_status("RUNNING"))
    assert not is_running(a_status("RUNNING", "FAILED"))
    assert not is_running(a_status("PAUSED", "PAUSED"))


def test_the_first_line_of_a_failure_is_its_reason() -> None:
    assert failures(a_status("RUNNING", "FAILED")) == ["org.example.Broken: why"]
    assert failures(a_status("RUNNING", "RUNNING")) == []


def test_a_connector_that_keeps_failing_is_started_less_and_less_often() -> None:
    backoff, restarts = Backoff(), []
    for second in range(300):
        if backoff.may_restart(float(second)):
            restarts.append(second)

    waits = [later - earlier for earlier, later in pairwise(restarts)]
    assert waits[0] == FIRST_WAIT_S
    assert waits == sorted(waits)
    assert max(waits) == MOST_WAIT_S


def test_a_connector_that_ran_for_long_is_started_at_once_again() -> None:
    backoff = Backoff()
    for second in range(100):
        backoff.may_restart(float(second))

    backoff.recovered(1000.0)

    assert backoff.may_restart(1001.0)
    assert backoff.may_restart(1001.0 + FIRST_WAIT_S)


def test_the_files_are_json_that_fits_a_screen() -> None:
    assert all(len(json.dumps(configuration, indent=2).splitlines()) <= 45 for configuration in ALL.values())
