"""Who calls."""

from __future__ import annotations

import pytest

from chassis.http.clients import client_name, rate_limit_key
from chassis.http.errors.problems import Problem


@pytest.mark.parametrize("name", ["storefront", "a", "a" * 100, "till-7@shop.example:2"])
def test_a_name_is_the_clients(name: str) -> None:
    assert client_name([name]) == name


def test_a_client_need_not_have_a_name() -> None:
    assert client_name([]) is None


@pytest.mark.parametrize("lines", [[""], ["ÿ"], ["a b"], ["a" * 101], ["-a"], ["a", "a"], ["a", ""]])
def test_a_malformed_name_is_refused(lines: list[str]) -> None:
    with pytest.raises(Problem) as refused:
        client_name(lines)

    assert (refused.value.status, refused.value.kind) == (400, "client-id-invalid")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "fe80::1%eth0"])
def test_a_client_without_a_name_is_limited_by_its_address(address: str) -> None:
    assert rate_limit_key(None, address) == address


def test_a_client_with_a_name_is_limited_by_it() -> None:
    assert rate_limit_key("storefront", "127.0.0.1") == "storefront"


@pytest.mark.parametrize("address", ["", "ÿ", "a b", "1" * 101])
def test_an_address_that_a_proxy_made_up_is_nobody_s(address: str) -> None:
    assert rate_limit_key(None, address) == "unknown"
