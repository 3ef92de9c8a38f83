"""The statements about the database `inventory` alone."""

from __future__ import annotations

from reconciliation.stock.rules import Check, Remedy, Rule

WAITING_S = 900
"""Whatever waits for longer than this, waits for ever."""

# A store may have committed units whose reservations inventory has not heard of as committed yet: those count once, as
# committed. So the sum of these columns is that of all open reservations, at any moment. Units are only overreserved
# while none is available.
RESERVED = Check(
    Rule.RESERVED,
    """
    SELECT stock_id AS id, COALESCE(a.reserved, 0) AS reserved, COALESCE(a.overreserved, 0) AS overreserved,
        GREATEST(0, COALESCE(r.promised, 0) - COALESCE(a.committed, 0)) AS wanted,
        COALESCE(a.reserved + a.overreserved, 0) - GREATEST(0, COALESCE(r.promised, 0) - COALESCE(a.committed, 0))
            AS difference
    FROM (
        SELECT stock_id FROM inventory.availability WHERE reserved > 0 OR overreserved > 0
        UNION SELECT stock_id FROM inventory.reservation WHERE state IN ('held', 'asked')
    ) AS every
    LEFT JOIN inventory.availability AS a USING (stock_id)
    LEFT JOIN (
        SELECT stock_id, SUM(quantity) AS promised FROM inventory.reservation
        WHERE state IN ('held', 'asked', 'committed') GROUP BY stock_id
    ) AS r USING (stock_id)
    WHERE COALESCE(a.reserved + a.overreserved, 0) <> GREATEST(0, COALESCE(r.promised, 0) - COALESCE(a.committed, 0))
        OR (a.overreserved > 0 AND a.on_hand - a.unsellable - a.committed > a.reserved)
    """,
    "reserved {reserved}, and {overreserved} beyond what is on hand; the reservations say {wanted}",
    ("difference",),
    Remedy.RESERVED,
)

LINES = Check(
    Rule.LINES,
    # A line without any reservation is of a SKU whose units are not tracked; were a reservation lost, its units would
    # still be reserved, or committed by its store.
    """
    SELECT CONCAT(s.order_id, ' line ', l.line_number) AS id, s.status, l.quantity,
        MAX(COALESCE(b.quantity, 0)) AS backordered,
        IF(s.status IN ('refused', 'released'),
            SUM(IF(r.wanted IN ('commit', 'ship') AND r.state IN ('asked', 'committed', 'shipped'), r.quantity, 0)),
            COALESCE(SUM(CASE
                WHEN r.wanted = 'release' THEN r.dispatched
                WHEN r.state IN ('asked', 'committed', 'shipped') THEN r.shipped + r.quantity
                ELSE GREATEST(r.shipped, r.dispatched)
            END), 0)) AS given
    FROM inventory.sourcing AS s
    JOIN inventory.replica_order_line AS l
        ON l.order_id = s.order_id AND l.lines_version = s.lines_version AND NOT l.deleted
    LEFT JOIN inventory.reservation AS r ON r.order_id = s.order_id AND r.order_detail_id = l.order_detail_id
    LEFT JOIN inventory.backorder AS b ON b.order_id = s.order_id AND b.order_detail_id = l.order_detail_id
    WHERE s.status IN ('reserved', 'backordered', 'committed', 'shipped', 'refused', 'released')
        AND (r.order_id IS NOT NULL OR b.order_id IS NOT NULL)
    GROUP BY s.order_id, l.order_detail_id, l.line_number, l.quantity, s.status
    HAVING given + backordered <> IF(s.status IN ('refused', 'released'), 0, l.quantity)
        OR (backordered > 0 AND s.status <> 'backordered')
    """,
    "{status}, {quantity} units are wanted, {given} are reserved, committed or shipped, {backordered} back-ordered",
    ("status", "quantity", "given", "backordered"),
)

ASKED_FOR_LONG = Check(
    Rule.WAITING,
    f"""
    SELECT reservation_id AS id, store_id, ask_until FROM inventory.reservation
    WHERE state = 'asked' AND ask_until < UTC_TIMESTAMP(3) - INTERVAL {WAITING_S} SECOND
    """,
    "{store_id} was asked, its time ended at {ask_until} UTC",
    (),
    Remedy.RESERVATION,
)

UNDECIDED = Check(
    Rule.WAITING,
    f"""
    SELECT o.order_id AS id, o.placed_at FROM inventory.replica_order AS o
    JOIN inventory.sourcing_start AS start ON o.placed_at >= start.sourcing_since
    LEFT JOIN inventory.sourcing AS s ON s.order_id = o.order_id AND s.lines_version >= o.lines_version
    WHERE o.status = 'placed' AND NOT o.deleted AND s.order_id IS NULL
        AND o.placed_at < UTC_TIMESTAMP(3) - INTERVAL {WAITING_S} SECOND
    """,
    "placed at {placed_at} UTC and not sourced",
    (),
)

UNMOVED = Check(
    Rule.WAITING,
    f"""
    SELECT s.order_id AS id, s.status, s.updated_at FROM inventory.sourcing AS s
    JOIN inventory.replica_order AS o ON o.order_id = s.order_id AND o.lines_version = s.lines_version
    WHERE (s.status IN ('committed', 'refused') AND o.status IN ('placed', 'backordered')
            OR s.status = 'backordered' AND o.status = 'placed')
        AND NOT o.deleted
        AND s.updated_at < UTC_TIMESTAMP(3) - INTERVAL {WAITING_S} SECOND
    """,
    "{status} since {updated_at} UTC, and the order has not followed",
    (),
    Remedy.SOURCING,
)

CHECKS_OF_CENTRAL = (RESERVED, LINES, ASKED_FOR_LONG, UNDECIDED, UNMOVED)
