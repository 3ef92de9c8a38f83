"""The topic of depots: which locations deliver by vans of their own, when, and with which."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic

read_vans = msgspec.json.Decoder(list[str]).decode
"""Decode the column `vans` of a depot. Raises `msgspec.MsgspecError` if the JSON is invalid."""


class DepotRow(Row, kw_only=True, frozen=True):
    """The delivery department of a location, which has its id.

    It delivers from `opens` to `closes`, times of day in `zone` such as 08:00 and 24:00, with at most
    `parallel_deliveries` at one moment. `vans` is the JSON text of a list.
    """

    depot: str
    name: str
    zone: str
    opens: str
    closes: str
    parallel_deliveries: int
    vans: str
    created_at: datetime
    updated_at: datetime

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `vans` is invalid."""
        super().__post_init__()
        read_vans(self.vans)


DEPOT: Topic[DepotRow] = Topic(
    name="depot",
    kind=Kind.STATE,
    message=DepotRow,
    key="depot",
    identity="depot",
    writer="connect:oms-shipping",
    readers=("orders_stream",),
)
