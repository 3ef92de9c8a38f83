"""Who calls."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from chassis.callers import caller


def a_request(address: str, name: str | None = None) -> HTTPConnection:
    headers = [] if name is None else [(b"x-client-id", name.encode("latin-1"))]
    return HTTPConnection({"type": "http", "headers": headers, "client": (address, 1)})


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "fe80::1%eth0"])
def test_who_has_no_name_is_known_by_the_address(address: str) -> None:
    assert caller(a_request(address)) == address


def test_a_name_goes_before_an_address() -> None:
    assert caller(a_request("127.0.0.1", "storefront")) == "storefront"


@pytest.mark.parametrize("name", ["", "ÿ", "a b", "a" * 101])
def test_a_name_that_does_not_fit_counts_as_none(name: str) -> None:
    assert caller(a_request("127.0.0.1", name)) == "127.0.0.1"


@pytest.mark.parametrize("address", ["", "ÿ", "a b", "1" * 101])
def test_an_address_that_a_proxy_made_up_is_nobody_s(address: str) -> None:
    assert caller(a_request(address)) == "unknown"
