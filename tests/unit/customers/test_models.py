"""What `customers` lets in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from chassis.types.countries import RESERVED
from chassis.types.postal_addresses import COORDINATES
from customers.bulk.models import ExportedAddress
from customers.models import NAMED_BY, AddressInput, CustomerInput

ANA = {"name": "Ana", "lastName": "Trujillo", "email": "anatr@northwind.example"}
NO_EMAILS = [
    "", "@", "@b.example", ".@b.example", "..@b.example", "a@b..example", "a@.b.example", "a@b.example.",
    "a@b@c.example",
    "a,c@b.example", "a@b.example,c@d.example", "a;c@b.example", "A <a@b.example>", "<a@b.example>", "a(b)@c.example",
    "a@b.example\r\nBcc: c@d.example", '"a b"@c.example', '"a\n"@b.example', '""@b.example', "a@[127.0.0.1]",
    "a@1.2.3.4", "a\u00a0b@c.example", "a\u200bb@c.example", "a\u202eb@c.example", "a@b\u2028.example",
    "a\\b@c.example", "mailto:a@b.example?cc=c",
]  # fmt: skip
BERLIN = {"street": "Obere Str. 57", "city": "Berlin", "country": "DE"}


def faults(model: type[CustomerInput] | type[AddressInput], body: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    return [".".join(map(str, fault["loc"])) for fault in refused.value.errors()]


@pytest.mark.parametrize("named_by", NAMED_BY)
def test_one_name_or_address_or_number_is_enough_for_a_customer(named_by):
    body = {named_by: "a@b.example" if named_by == "email" else "A"}

    assert CustomerInput.model_validate(body).model_dump(by_alias=True, exclude_none=True) == body | {"active": True}


@pytest.mark.parametrize("body", [{}, dict.fromkeys(NAMED_BY), {"identityDocument": "X", "active": False}])
def test_a_customer_without_any_of_them_is_refused(body):
    with pytest.raises(ValidationError, match="must have one of name, lastName, company, email, phone"):
        CustomerInput.model_validate(body)


def test_a_customer_is_active_unless_it_says_otherwise():
    customer = CustomerInput.model_validate(ANA)

    assert customer.active is True
    assert customer.phone is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ALFKI@Northwind.Example", "alfki@northwind.example"),
        (" alfki@northwind.test ", "alfki@northwind.test"),
        ("A..B@docomo.ne.jp", "a..b@docomo.ne.jp"),
        (".a@docomo.ne.jp", ".a@docomo.ne.jp"),
        ("a.@ezweb.ne.jp", "a.@ezweb.ne.jp"),
        ("..a...b..@ezweb.ne.jp", "..a...b..@ezweb.ne.jp"),
        ('"A..B"@docomo.ne.jp', "a..b@docomo.ne.jp"),
        ('"ana"@b.example', "ana@b.example"),
        ('"A@B"@c.example', '"a@b"@c.example'),
        ("o'neil+shop@b.example", "o'neil+shop@b.example"),
        ("x" * 100 + "@b.example", "x" * 100 + "@b.example"),
        ("ana@B\u00dcCHER.example", "ana@b\u00fccher.example"),
        ("ana@xn--bcher-kva.example", "ana@b\u00fccher.example"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("guest-17@shop.local", "guest-17@shop.local"),
        ("none@shop.invalid", "none@shop.invalid"),
        ("rene\u0301@cafe\u0301.example", "ren\u00e9@caf\u00e9.example"),
    ],
)
def test_an_email_is_kept_in_one_way_however_it_is_written(written, kept):
    customer = CustomerInput.model_validate(ANA | {"email": written})

    assert customer.email == kept


@pytest.mark.parametrize(
    "email", ["x", "x@", "a@localhost", "a b@c.example", "a@b.example\x00", "x" * 250 + "@c.de", 5, *NO_EMAILS]
)
def test_what_is_no_email_is_refused(email):
    assert faults(CustomerInput, ANA | {"email": email}) == ["email"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "\u0958" * 101, "a\nb", "a\x00b", "\ud800", 1, True])
def test_a_name_is_one_line_of_text(name):
    assert faults(CustomerInput, ANA | {"name": name}) == ["name"]


@pytest.mark.parametrize("more", [{"id": "x"}, {"version": 3}, {"last_name": "T"}, {"nickname": "A"}])
def test_what_a_customer_does_not_have_is_refused(more):
    assert faults(CustomerInput, ANA | more) == list(more)


@pytest.mark.parametrize("active", ["yes", 1, None])
def test_active_is_true_or_false(active):
    assert faults(CustomerInput, ANA | {"active": active}) == ["active"]


@pytest.mark.parametrize("country", ["DE", "de", " De ", *RESERVED, "xk"])
def test_a_country_may_be_in_small_letters(country):
    address = AddressInput.model_validate(BERLIN | {"country": country})

    assert address.country == country.strip().upper()


@pytest.mark.parametrize("country", ["XX", "EU", "ZZ", "DEU", "Germany", "", "\u00df", "\u0131t", 49, None])
def test_a_country_there_is_not_is_refused(country):
    assert faults(AddressInput, BERLIN | {"country": country}) == ["country"]


@pytest.mark.parametrize("latitude", [90.000001, -91, "1e1", "1_0", "north", "NaN", True])
def test_a_latitude_is_from_pole_to_pole(latitude):
    assert faults(AddressInput, BERLIN | {"latitude": latitude}) == ["latitude"]


@pytest.mark.parametrize("longitude", [180.5, "-180.1", [13]])
def test_a_longitude_goes_half_around_the_world(longitude):
    assert faults(AddressInput, BERLIN | {"longitude": longitude}) == ["longitude"]


def test_coordinates_are_numbers_of_six_decimals():
    address = AddressInput.model_validate(BERLIN | {"latitude": 52.52000661, "longitude": "13.404954"})

    shown = address.model_dump(mode="json", by_alias=True)

    assert (shown["latitude"], shown["longitude"]) == (52.520007, 13.404954)


@pytest.mark.parametrize("lone", [{"latitude": 52.5}, {"longitude": "13.4"}, {"latitude": 0, "longitude": None}])
def test_a_coordinate_alone_is_refused(lone: dict[str, Any]) -> None:
    assert faults(AddressInput, BERLIN | lone) == ["longitude"]


@pytest.mark.parametrize("pair", [{}, dict.fromkeys(COORDINATES), dict.fromkeys(COORDINATES, 0)])
def test_both_coordinates_or_none_are_taken(pair: dict[str, Any]) -> None:
    assert AddressInput.model_validate(BERLIN | pair).latitude == pair.get("latitude")


def test_an_exported_address_with_one_coordinate_is_taken_back() -> None:
    exported = {
        "id": UUID(int=1),
        "createdAt": "2026-01-31T12:00:00Z",
        "updatedAt": "2026-01-31T12:00:00Z",
        "version": 1,
    }

    assert ExportedAddress.model_validate(BERLIN | {"latitude": 52.5, "exported": exported}).longitude is None
