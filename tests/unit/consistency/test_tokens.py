"""Tokens of writes: which are read, and whose lag a read is told that waits for one in vain."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gateway import errors
from gateway.consistency.consistency import Consistency
from gateway.consistency.freshness import Watermarks
from gateway.consistency.read_preferences import ReadPreferences
from gateway.consistency.reads import Reads
from gateway.consistency.tokens import Token, read_tokens
from gateway.errors import BadInput, Refusal

ID = "0193567a-6c00-7000-8000-000000000003"


def test_the_token_of_a_shipment_has_its_id_and_its_version() -> None:
    assert read_tokens(f"shipment:{ID}:7, order:{ID}:2") == [Token("shipment", ID, 7), Token("order", ID, 2)]


@pytest.mark.parametrize("text", ["shipment:seattle:7", f"shipment:{ID}", f"shipment:{ID}:x", f"parcel:{ID}:1"])
def test_a_malformed_token_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_tokens(text)


class Nothing:
    """A view that never has what somebody waits for."""

    async def wait_for(self, _: Any, __: float) -> None:
        raise TimeoutError


@pytest.mark.parametrize(
    ("token", "source"),
    [
        (f"order:{ID}:1", "orders"),
        (f"customer:{ID}:1", "customers"),
        (f"address:{ID}:1", "customers"),
        ("product:CHAI:1", "products"),
        ("category:tea:1", "products"),
        ("store:lima:1", "inventory"),
        ("stock:lima/CHAI:1", "stores"),
        ("reservation:lima/CHAI:1", "inventory"),
        (f"reservation:{ID}:1", "inventory"),
        ("policy:lima/CHAI:1", "inventory"),
        (f"sourcing:{ID}:1", "inventory"),
        (f"restock:{ID}:1", "inventory"),
        (f"shipment:{ID}:1", "shipping"),
        (f"return:{ID}:1", "shipping"),
        ("depot:main:1", "shipping"),
    ],
)
async def test_a_read_that_waits_in_vain_is_told_the_lag_of_the_source(token: str, source: str) -> None:
    nothing = cast(Any, None)
    consistency = Consistency(nothing, nothing, Watermarks(5000), 1000)
    consistency._read_model = cast(Any, type("View", (), {"waiters": Nothing()}))
    wanted = ReadPreferences(tuple(read_tokens(token.replace("/", "%2F"))))

    with pytest.raises(Refusal) as refused:
        await consistency.ensure(wanted, Reads(frozenset(), searches=False, uses_read_model=True, searches_stock=False))

    assert refused.value.code == errors.NOT_YET_CONSISTENT
    assert refused.value.extensions["lagMs"] == {source: None}
