"""What a reader of the topics can know of a person, before and after they are erased."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from contracts.catalogue import TOPICS
from contracts.customers import ADDRESS, CUSTOMER, AddressRow
from contracts.orders import ORDER

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
ADDED = ("confirmed_at", "delivered_at", "rejected_at", "rejection_reason", "erased_at", "delivery_addresses")


def test_a_deleted_customer_tells_nothing_of_the_person() -> None:
    record = (EXAMPLES / "customer" / "deleted.json").read_bytes()
    row = CUSTOMER.decoder()(record)

    assert b"alfki@northwind.example" in record
    assert (row.name, row.last_name, row.email) == (None, None, None)
    assert (row.identity_document, row.phone, row.company) == (None, None, None)
    assert (row.customer_id, row.active, row.version) == (UUID("0193567a-6c00-7000-8000-000000000001"), True, 2)


def test_a_deleted_address_keeps_only_city_region_and_country() -> None:
    parts = {name for name, blank in AddressRow.PERSONAL.items() if name not in ("latitude", "longitude")}
    written = msgspec.json.decode((EXAMPLES / "address" / "deleted.json").read_bytes())
    record = msgspec.json.encode({**written, **dict.fromkeys(parts, "told"), "region": "Berlin"})
    row = ADDRESS.decoder()(record)

    assert "told" not in msgspec.structs.asdict(row).values()
    assert (row.city, row.region, row.country) == ("Berlin", "Berlin", "DE")
    assert (row.latitude, row.longitude) == (None, None)


def test_a_deleted_order_does_not_tell_where_it_went() -> None:
    written = msgspec.json.decode((EXAMPLES / "order" / "placed.json").read_bytes())

    assert ORDER.decoder()(msgspec.json.encode(written)).addresses() != []
    assert ORDER.decoder()(msgspec.json.encode({**written, "__deleted": "true"})).addresses() == []


def test_an_order_keeps_the_addresses_it_was_placed_with() -> None:
    [address] = ORDER.decoder()((EXAMPLES / "order" / "placed.json").read_bytes()).addresses()

    assert (address.street, address.number, address.latitude) == ("Obere Str.", "57", Decimal("52.520008"))


def test_an_order_of_an_erased_customer_knows_the_city_and_not_the_street() -> None:
    order = ORDER.decoder()((EXAMPLES / "order" / "of-an-erased-customer.json").read_bytes())
    [address] = order.addresses()

    assert order.erased_at is not None
    assert (address.city, address.country) == ("Berlin", "DE")
    assert (address.street, address.number, address.postal_code, address.latitude) == (None, None, None, None)


def test_an_order_from_before_addresses_were_kept_is_read() -> None:
    written = msgspec.json.decode((EXAMPLES / "order" / "placed.json").read_bytes())
    before = {name: value for name, value in written.items() if name not in ADDED}
    row = ORDER.decoder()(msgspec.json.encode(before))

    assert (row.confirmed_at, row.erased_at, row.addresses()) == (None, None, [])


@pytest.mark.parametrize("addresses", ["", "{}", "null", '[{"city": "Berlin"}]', '[{"address_id": 1}]'])
def test_an_order_whose_addresses_do_not_fit_is_refused(addresses: str) -> None:
    written = msgspec.json.decode((EXAMPLES / "order" / "placed.json").read_bytes())

    with pytest.raises(msgspec.MsgspecError):
        ORDER.decoder()(msgspec.json.encode({**written, "delivery_addresses": addresses}))


def test_what_topics_tell_of_people_goes_in_bounded_time() -> None:
    personal = [topic for topic in TOPICS if topic.is_personal]

    assert [topic.name for topic in personal] == ["customer", "address", "order", "shipment", "orders-graph"]
    for topic in personal:
        assert int(topic.settings["min.compaction.lag.ms"]) < int(topic.settings["max.compaction.lag.ms"])
        assert topic.settings["cleanup.policy"] == "compact"
        assert topic.dead_letter_settings["retention.ms"] != "-1"


def test_a_topic_that_is_kept_for_ever_has_no_column_that_tells_of_people() -> None:
    kept = [topic for topic in TOPICS if not topic.is_personal]

    assert {topic.name for topic in kept} == {
        "category",
        "products",
        "order_detail",
        "stock",
        "allocation",
        "store_heartbeat",
        "availability",
        "sku_availability",
        "reservation",
        "sourcing",
        "store",
        "receipt",
        "restock_request",
        "stock_policy",
        "depot",
        "inbound",
        "order_return",
        "stock_movement",
        "shipping_event",
    }
    assert all(topic.message.PERSONAL == {} for topic in kept)
