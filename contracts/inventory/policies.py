"""The stock policies: which units are tracked, how many are not promised online, whether orders may wait for units."""

from __future__ import annotations

from datetime import datetime

from contracts.rows import Row
from contracts.topics import Kind, Topic


class StockPolicyRow(Row, kw_only=True, frozen=True):
    """The policy of a SKU in a store; in `policy_id`, `<store_id>/<sku>`, `*` stands for all of them.

    The most specific policy is valid: of the SKU in the store, of the SKU, of the store, of all. Those for all stores
    say whether orders may wait for units that no store has: with `backorders` `yes`, or with `limit` as long as all of
    them together wait for at most `backorder_limit` units. New units take `lead_time_days` to arrive.
    """

    policy_id: str
    tracked: bool
    safety_margin: int
    backorders: str
    backorder_limit: int | None = None
    lead_time_days: int | None = None
    created_at: datetime
    updated_at: datetime


STOCK_POLICY: Topic[StockPolicyRow] = Topic(
    name="stock_policy",
    kind=Kind.STATE,
    message=StockPolicyRow,
    key="policy_id",
    identity="policy_id",
    writer="connect:oms-inventory",
    readers=("orders_stream",),
)
