"""The statements about what suppliers send to stores, and about what stores book."""

from __future__ import annotations

from reconciliation.stock.rules import Check, Needs, Remedy, Rule

INCOMING = Check(
    Rule.RESTOCKS,
    """
    SELECT stock_id AS id, COALESCE(a.incoming, 0) AS incoming, COALESCE(a.delivered, 0) AS delivered,
        COALESCE(i.sent, 0) AS sent
    FROM (
        SELECT stock_id FROM inventory.availability WHERE incoming > 0
        UNION SELECT stock_id FROM inventory.inbound
    ) AS every
    LEFT JOIN inventory.availability AS a USING (stock_id)
    LEFT JOIN (SELECT stock_id, SUM(quantity) AS sent FROM inventory.inbound GROUP BY stock_id) AS i USING (stock_id)
    WHERE COALESCE(a.incoming, 0) <> GREATEST(0, COALESCE(i.sent, 0) - COALESCE(a.delivered, 0))
    """,
    "incoming {incoming}; {sent} were sent, of which {delivered} were delivered",
    ("incoming", "delivered", "sent"),
    Remedy.INCOMING,
)

OPEN_REQUESTS = Check(
    Rule.RESTOCKS,
    """
    SELECT stock_id AS id, COUNT(*) AS requests FROM inventory.restock_request
    WHERE status IN ('accepted', 'manufacturing', 'completed') GROUP BY stock_id HAVING COUNT(*) > 1
    """,
    "{requests} open restock requests",
    ("requests",),
)

SENT = Check(
    Rule.RESTOCKS,
    """
    SELECT r.restock_request_id AS id, r.status, i.quantity FROM inventory.restock_request AS r
    LEFT JOIN inventory.inbound AS i ON i.inbound_id = r.restock_request_id
    WHERE IF(r.status IN ('completed', 'received'), i.inbound_id IS NULL OR i.quantity <> r.quantity,
        i.inbound_id IS NOT NULL)
    """,
    "{status}, and {quantity} units were sent",
    ("status", "quantity"),
)

DELIVERED = Check(
    Rule.RESTOCKS,
    """
    SELECT stock_id AS id, COALESCE(s.delivered, 0) AS delivered, COALESCE(r.booked, 0) AS booked
    FROM (
        SELECT stock_id FROM {store}.stock WHERE delivered > 0 UNION SELECT stock_id FROM {store}.receipt
    ) AS every
    LEFT JOIN {store}.stock AS s USING (stock_id)
    LEFT JOIN (SELECT stock_id, SUM(quantity) AS booked FROM {store}.receipt GROUP BY stock_id) AS r USING (stock_id)
    WHERE COALESCE(s.delivered, 0) <> COALESCE(r.booked, 0)
    """,
    "delivered {delivered}, the receipts say {booked}",
    ("delivered", "booked"),
)

UNBOOKED = Check(
    Rule.RESTOCKS,
    """
    SELECT i.inbound_id AS id, i.quantity, i.stock_id FROM inventory.inbound AS i
    WHERE i.store_id = '{store_id}'
        AND NOT EXISTS (SELECT 1 FROM {store}.receipt AS r WHERE r.inbound_id = i.inbound_id)
    """,
    "{quantity} units of {stock_id} were sent, and the store has no receipt",
    (),
    Remedy.INBOUND,
    Needs.READ,
)

OPEN_AFTER_RECEIPT = Check(
    Rule.RESTOCKS,
    """
    SELECT r.inbound_id AS id, q.status, r.added, r.refused FROM {store}.receipt AS r
    JOIN inventory.restock_request AS q ON q.restock_request_id = r.inbound_id
    WHERE NOT (q.status = 'received' AND q.added <=> r.added AND q.refused <=> r.refused)
    """,
    "{status}; the store has added {added} and refused {refused}",
    ("status",),
    Remedy.RECEIPT,
    Needs.HEARD,
)

CHECKS_OF_CENTRAL = (INCOMING, OPEN_REQUESTS, SENT)
CHECKS_OF_A_STORE = (DELIVERED, UNBOOKED, OPEN_AFTER_RECEIPT)
