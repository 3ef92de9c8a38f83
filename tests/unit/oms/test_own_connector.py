"""During a cut two connectors share the stores: each row is captured by just one of them, for the same topic."""

from __future__ import annotations

import re

import pytest

from connectors.registration import configurations
from oms.drill.cutting import Seen, findings
from oms.drill.own_connector import SHARED, of_one_store, without_store

ALL = {**configurations()[SHARED], "name": SHARED}
TABLES = ["stock", "stock_movement", "allocation", "receipt", "store_heartbeat"]
OF_LIMA, OF_OTHERS = of_one_store(ALL, "lima-2"), without_store(ALL, "lima-2")


def captures(configuration: dict[str, str], database: str, table: str) -> bool:
    def matches(setting: str, name: str) -> bool:
        return any(re.fullmatch(pattern, name) for pattern in configuration[setting].split(","))

    return matches("database.include.list", database) and matches("table.include.list", f"{database}.{table}")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("database", ["store_lima_2", "store_lima", "store_lima_23", "store_berlin"])
def test_each_row_is_captured_by_one_of_them(database: str, table: str) -> None:
    assert captures(ALL, database, table)
    assert captures(OF_LIMA, database, table) is (database == "store_lima_2")
    assert captures(OF_OTHERS, database, table) is (database != "store_lima_2")


def test_the_heartbeat_of_all_stores_stays_with_their_connector() -> None:
    found = [captures(each, "stores", "stores_heartbeat") for each in (ALL, OF_OTHERS, OF_LIMA)]

    assert found == [True, True, False]
    assert "heartbeat.action.query" not in OF_LIMA


def test_rows_keep_their_topics() -> None:
    topic = f"{OF_LIMA['topic.prefix']}.store_lima_2.stock"

    assert re.fullmatch(OF_LIMA["transforms.route.regex"], topic)[1] == "stock"  # type: ignore[index]


def test_the_two_do_not_get_in_each_others_way() -> None:
    for setting in ("database.server.id", "topic.prefix", "schema.history.internal.kafka.topic"):
        others = {each[setting] for each in configurations().values()}
        assert OF_LIMA[setting] not in others
        assert OF_OTHERS[setting] == ALL[setting]


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (
            Seen(was_stale=True, is_fresh_again=False, had=9, on_hand=7, in_central=9),
            ["lima was still stale 120 s after its connection was back"],
        ),
        (Seen(was_stale=True, is_fresh_again=True, had=9, on_hand=7, in_central=9), []),
        (Seen(was_stale=True, is_fresh_again=True, had=9, on_hand=9, in_central=9), []),  # sold out before
        (
            Seen(was_stale=False, is_fresh_again=True, had=9, on_hand=7, in_central=9),
            ["lima was not stale after 40 s without a connection"],
        ),
        (
            Seen(was_stale=True, is_fresh_again=True, had=12, on_hand=9, in_central=9),
            ["lima has 9 units, and central knew of all sales without a connection"],
        ),
    ],
)
def test_what_is_wrong_with_a_cut_is_named(seen: Seen, wrong: list[str]) -> None:
    assert findings("lima", seen) == wrong
