from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from prometheus_client import REGISTRY

from connectors.backoff import FIRST_WAIT_S, HOPELESS_WAIT_S, MAX_WAIT_S, Backoff
from connectors.causes import cause, failures, is_running
from connectors.connect_api import Connect, ConnectError
from connectors.registration import MARIADB, absent, as_for, configurations
from connectors.watch import Watch
from contracts.catalogue import HEARTBEATS, TOPICS
from contracts.heartbeats import SOURCES

ALL = configurations()


def test_there_is_one_connector_for_each_source() -> None:
    assert set(ALL) == {source.connector for source in SOURCES}


def test_they_write_exactly_the_topics_of_the_catalogue() -> None:
    captured = {
        (f"connect:{name}", table.rpartition("\\.")[2])
        for name, configuration in ALL.items()
        for table in configuration["table.include.list"].split(",")
    }

    assert captured == {
        (topic.writer, topic.name) for topic in (*TOPICS, *HEARTBEATS) if topic.writer.startswith("connect:")
    }


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_secret_is_in_a_file(name: str) -> None:
    assert ALL[name]["database.password"] == "${env:OMS_CDC_PASSWORD}"
    assert ALL[name]["database.user"] == "oms_cdc"


def test_connectors_do_not_get_in_each_others_way() -> None:
    for setting in ("database.server.id", "topic.prefix", "schema.history.internal.kafka.topic"):
        assert len({configuration[setting] for configuration in ALL.values()}) == len(ALL)


def test_an_orders_lines_have_the_orders_key() -> None:
    assert ALL["oms-orders"]["message.key.columns"] == "orders.order_detail:order_id"


def test_what_stores_read_has_their_key() -> None:
    keys = ALL["oms-inventory"]["message.key.columns"]
    assert keys == "inventory.reservation:store_id;inventory.inbound:store_id"


def test_a_column_that_is_only_an_index_is_not_published() -> None:
    assert ALL["oms-inventory"]["column.exclude.list"] == r"inventory\.restock_request\.open_key"


STORES_TABLES = {name for name in ALL["oms-stores"]["table.include.list"].split(",") if name.startswith("store_")}
IN_LIMA = [name.replace(".*\\", "lima") for name in sorted(STORES_TABLES)]


@pytest.mark.parametrize(
    ("present", "is_absent"),
    [
        (IN_LIMA, False),
        ([*IN_LIMA, "store_berlin.stock"], False),
        (IN_LIMA[1:], True),
        (["stores.stock", "other_store_lima.stock", *IN_LIMA[1:]], True),
    ],
)
def test_a_table_of_one_store_is_enough(present: list[str], is_absent: bool) -> None:
    assert bool(absent(ALL["oms-stores"], present, "stores_heartbeat")) is is_absent


@pytest.mark.parametrize(("version", "is_mariadb"), [("11.4.5-MariaDB-log", True), ("8.4.6", False), ("9.1.0", False)])
def test_the_server_decides_the_connectors_class(version: str, is_mariadb: bool) -> None:
    chosen = as_for(version, ALL["oms-orders"])["connector.class"]

    assert (chosen == MARIADB) is is_mariadb
    assert ALL["oms-orders"]["connector.class"] == "io.debezium.connector.mysql.MySqlConnector"


def a_status(connector: str, *tasks: str) -> dict[str, Any]:
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


def test_a_failure_of_one_line_is_its_own_cause() -> None:
    assert [each.text for each in failures("oms-orders", a_status("RUNNING", "FAILED"))] == ["Broken: why"]
    assert failures("oms-orders", a_status("RUNNING", "RUNNING")) == []
    assert cause("oms-orders", "").text == "no reason was given"


PURGED = """
org.apache.kafka.connect.errors.ConnectException: An exception occurred in the change event producer. This connector \
will be stopped.
\tat io.debezium.pipeline.ErrorHandler.setProducerThrowable(ErrorHandler.java:67)
Caused by: io.debezium.DebeziumException: {0} Error code: 1236; SQLSTATE: HY000.
\t... 6 more
Caused by: com.github.shyiko.mysql.binlog.network.ServerException: {0}
\tat com.github.shyiko.mysql.binlog.BinaryLogClient.listenForEventPackets(BinaryLogClient.java:1132)
\t... 4 more
"""
RESNAPSHOT = "run `oms connectors resnapshot oms-orders`"


@pytest.mark.parametrize(
    "text",
    [
        "Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old.",
        "Cannot replicate because the source purged required binary logs. Replicate the missing transactions.",
        "Could not find first log file name in binary log index file",
        "Error: connecting slave requested to start from GTID 0-1-5, which is not in the master's binlog.",
        "Slave has more GTIDs than the master has, using the master's SERVER_UUID.",
        "Client requested source to start replication from impossible position",
    ],
)
def test_a_gap_is_named_by_its_last_cause_with_its_remedy(text: str) -> None:
    found = cause("oms-orders", PURGED.format(text))

    assert found.text == f"ServerException: {text}"
    assert RESNAPSHOT in str(found)
    assert not found.is_curable


@pytest.mark.parametrize(
    ("text", "remedy", "is_curable"),
    [
        ("java.sql.SQLException: Access denied for user 'oms_cdc'@'%' (using password: YES)", "OMS_CDC_PASSWORD", True),
        (
            "org.apache.kafka.common.errors.RecordTooLargeException: The message is 1452840 bytes when serialized which"
            " is larger than 1048576, which is the value of the max.request.size configuration.",
            "max.request.size",
            False,
        ),
        (
            "io.debezium.DebeziumException: The db history topic is missing. You may attempt to recover it",
            "resnapshot oms-orders",
            False,
        ),
        ("java.net.ConnectException: Connection refused", "MySQL does not answer", True),
        ("org.example.Unknown: what is this", "", True),
    ],
)
def test_known_causes_have_a_remedy(text: str, remedy: str, is_curable: bool) -> None:
    found = cause("oms-orders", f"a.b.ConnectException: stopped\n\tat x\nCaused by: {text}\n\t... 1 more")

    assert remedy in found.remedy
    assert bool(found.remedy) == bool(remedy)
    assert found.is_curable is is_curable


def test_what_a_restart_does_not_cure_is_seldom_restarted() -> None:
    backoff = Backoff()
    restarts = [second for second in range(1000) if backoff.may_restart(float(second), is_curable=False)]

    assert restarts == [0, HOPELESS_WAIT_S]


def test_once_it_runs_a_new_failure_does_not_wait_for_the_old_one() -> None:
    backoff = Backoff()
    backoff.may_restart(0.0, is_curable=False)

    backoff.recovered(10.0)

    assert backoff.may_restart(10.0 + MAX_WAIT_S)


def test_a_connector_that_keeps_failing_is_started_less_and_less_often() -> None:
    backoff, restarts = Backoff(), []
    for second in range(300):
        if backoff.may_restart(float(second)):
            restarts.append(second)

    waits = [later - earlier for earlier, later in pairwise(restarts)]
    assert waits[0] == FIRST_WAIT_S
    assert waits == sorted(waits)
    assert max(waits) == MAX_WAIT_S


def test_a_connector_that_ran_for_long_is_started_at_once_again() -> None:
    backoff = Backoff()
    for second in range(100):
        backoff.may_restart(float(second))

    backoff.recovered(1000.0)

    assert backoff.may_restart(1001.0)
    assert backoff.may_restart(1001.0 + FIRST_WAIT_S)


class OneConnectorRefuses(Connect):
    """Kafka Connect whose connectors run, but one that has failed and is not started again."""

    async def names(self) -> list[str]:
        return sorted(ALL)

    async def status(self, name: str) -> dict[str, Any]:
        return a_status("RUNNING", "FAILED" if name == "oms-customers" else "RUNNING")

    async def offset(self, name: str) -> dict[str, Any] | None:
        return None

    async def restart_failed(self, name: str) -> None:
        raise ConnectError("409: a rebalance is in process")


async def test_what_is_away_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMS_KAFKA_PORT", "OMS_MYSQL_PORT"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("OMS_CDC_PASSWORD", "secret")
    monkeypatch.setattr("connectors.watch.Connect", OneConnectorRefuses)
    watch = Watch()

    await watch.check_all()
    with pytest.raises(LookupError) as missing:
        await watch.check()
    await watch.close()

    for reason in ("Kafka: ", "MySQL: ", "oms-customers: Broken: why", "rebalance"):
        assert reason in str(missing.value)
    running = {name: REGISTRY.get_sample_value("oms_connector_running", {"connector": name}) for name in ALL}
    assert running == dict.fromkeys(ALL, 1) | {"oms-customers": 0}


def test_the_files_are_json_that_fits_a_screen() -> None:
    assert all(len(json.dumps(configuration, indent=2).splitlines()) <= 45 for configuration in ALL.values())
