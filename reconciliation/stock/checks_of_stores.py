"""The statements about one store, and about what central knows of it."""

from __future__ import annotations

from reconciliation.stock.rules import Check, Needs, Remedy, Rule

_UNITS = "on_hand", "unsellable", "committed", "delivered"
_LEVELS = "reorder_at", "reorder_to"

LEDGER_SUMS = Check(
    Rule.LEDGER,
    """
    SELECT stock_id AS id, s.on_hand, s.unsellable, s.movements, COALESCE(m.moved, 0) AS moved,
        COALESCE(m.unsellable_moved, 0) AS unsellable_moved, COALESCE(m.newest, 0) AS newest
    FROM {store}.stock AS s LEFT JOIN (
        SELECT stock_id, SUM(delta) AS moved, SUM(unsellable_delta) AS unsellable_moved, MAX(sequence) AS newest
        FROM {store}.stock_movement GROUP BY stock_id
    ) AS m USING (stock_id)
    WHERE s.on_hand <> COALESCE(m.moved, 0) OR s.unsellable <> COALESCE(m.unsellable_moved, 0)
        OR s.movements <> COALESCE(m.newest, 0)
    """,
    "on hand {on_hand}, unsellable {unsellable} at movement {movements}; the movements say {moved},"
    " {unsellable_moved} at {newest}",
    ("on_hand", "unsellable", "movements", "moved", "unsellable_moved", "newest"),
)

LEDGER_CHAIN = Check(
    Rule.LEDGER,
    """
    SELECT CONCAT(stock_id, ' #', sequence) AS id, on_hand_after, unsellable_after, was, unsellable_was, previous
    FROM (
        SELECT stock_id, sequence, delta, unsellable_delta, on_hand_after, unsellable_after,
            COALESCE(LAG(on_hand_after) OVER chain, 0) AS was, COALESCE(LAG(sequence) OVER chain, 0) AS previous,
            COALESCE(LAG(unsellable_after) OVER chain, 0) AS unsellable_was
        FROM {store}.stock_movement WINDOW chain AS (PARTITION BY stock_id ORDER BY sequence)
    ) AS movement
    WHERE sequence <> previous + 1 OR on_hand_after <> was + delta
        OR unsellable_after <> unsellable_was + unsellable_delta
    """,
    "on hand {on_hand_after}, unsellable {unsellable_after} after it; {was}, {unsellable_was} after #{previous}",
    ("on_hand_after", "unsellable_after", "was", "unsellable_was", "previous"),
)

LEDGER_OF_NO_STOCK = Check(
    Rule.LEDGER,
    """
    SELECT DISTINCT stock_id AS id FROM {store}.stock_movement AS m
    WHERE NOT EXISTS (SELECT 1 FROM {store}.stock AS s WHERE s.stock_id = m.stock_id)
    """,
    "movements without a stock",
    (),
)

COMMITTED = Check(
    Rule.COMMITTED,
    """
    SELECT stock_id AS id, COALESCE(s.committed, 0) AS committed, COALESCE(a.allocated, 0) AS allocated
    FROM (
        SELECT stock_id FROM {store}.stock WHERE committed > 0
        UNION SELECT stock_id FROM {store}.allocation WHERE state = 'committed'
    ) AS every
    LEFT JOIN {store}.stock AS s USING (stock_id)
    LEFT JOIN (
        SELECT stock_id, SUM(quantity) AS allocated FROM {store}.allocation WHERE state = 'committed' GROUP BY stock_id
    ) AS a USING (stock_id)
    WHERE COALESCE(s.committed, 0) <> COALESCE(a.allocated, 0)
    """,
    "committed {committed}, the allocations say {allocated}",
    ("committed", "allocated"),
)

_STOCK_AND_AVAILABILITY = f"""
SELECT stock_id AS id, s.version AS store_version, a.stock_version,
    CONCAT_WS(', ', {", ".join(f"s.{name}" for name in _UNITS)}) AS store_units,
    CONCAT_WS(', ', {", ".join(f"a.{name}" for name in _UNITS)}) AS central_units
FROM {{store}}.stock AS s LEFT JOIN inventory.availability AS a USING (stock_id)
"""
_BOTH_UNITS = (
    "on hand, unsellable, committed, delivered: {store_units} at version {store_version} in the store,"
    " {central_units} at {stock_version} in availability"
)

AVAILABILITY = Check(
    Rule.AVAILABILITY,
    f"""
    {_STOCK_AND_AVAILABILITY}
    WHERE a.stock_version > s.version OR (
        a.stock_version = s.version AND NOT ({" AND ".join(f"a.{name} <=> s.{name}" for name in (*_UNITS, *_LEVELS))})
    )
    """,
    _BOTH_UNITS,
    ("stock_version", "central_units"),
    Remedy.STOCK,
)

OLDER_AVAILABILITY = Check(
    Rule.AVAILABILITY,
    f"{_STOCK_AND_AVAILABILITY} WHERE a.stock_id IS NULL OR a.stock_version < s.version",
    _BOTH_UNITS,
    ("stock_version",),
    Remedy.STOCK,
    Needs.HEARD,
)

AVAILABILITY_OF_NO_STOCK = Check(
    Rule.AVAILABILITY,
    """
    SELECT stock_id AS id FROM inventory.availability AS a
    WHERE a.store_id = '{store_id}' AND NOT EXISTS (SELECT 1 FROM {store}.stock AS s WHERE s.stock_id = a.stock_id)
    """,
    "the store has no such stock",
    (),
)

_RESERVATION_AND_ANSWER = """
SELECT r.reservation_id AS id, r.state, r.answer_version, a.state AS answer, a.version AS newest
FROM inventory.reservation AS r JOIN {store}.allocation AS a ON a.allocation_id = r.reservation_id
WHERE r.store_id = '{store_id}'
"""
_BOTH_STATES = "{state} by answer {answer_version}; the store's answer {newest} is {answer}"

ANSWERS = Check(
    Rule.ANSWERS,
    f"""
    {_RESERVATION_AND_ANSWER} AND a.version <= r.answer_version AND (
        a.version < r.answer_version OR a.stock_id <> r.stock_id
        OR (a.state = 'committed' AND a.quantity <> r.quantity) OR a.shipped <> r.shipped
        OR (a.state <> r.state AND NOT (r.state IN ('released', 'expired') AND a.state IN ('refused', 'released')))
    )
    """,
    _BOTH_STATES,
    ("state", "answer_version"),
    Remedy.ALLOCATION,
)

# An answer that says nothing new is not noted.
NEWER_ANSWERS = Check(
    Rule.ANSWERS,
    f"""
    {_RESERVATION_AND_ANSWER} AND a.version > r.answer_version
        AND (a.state <> r.state OR (a.state = 'committed' AND a.quantity <> r.quantity) OR a.shipped <> r.shipped)
    """,
    _BOTH_STATES,
    ("state", "answer_version"),
    Remedy.ALLOCATION,
    Needs.HEARD,
)

UNANSWERED = Check(
    Rule.ANSWERS,
    """
    SELECT r.reservation_id AS id, r.wanted, r.state, a.state AS answer
    FROM inventory.reservation AS r LEFT JOIN {store}.allocation AS a ON a.allocation_id = r.reservation_id
    WHERE r.store_id = '{store_id}' AND (
        (r.wanted = 'commit' AND r.state = 'asked' AND a.allocation_id IS NULL)
        OR (r.wanted IN ('release', 'ship') AND a.state = 'committed')
        OR (a.state = 'committed' AND a.shipped < r.dispatched)
        OR (r.wanted = 'release' AND r.state IN ('asked', 'committed') AND a.allocation_id IS NULL)
    )
    """,
    "{wanted} is wanted, the store answered {answer}",
    ("wanted", "answer"),
    Remedy.RESERVATION,
    Needs.READ,
)

UNWANTED = Check(
    Rule.ANSWERS,
    """
    SELECT a.allocation_id AS id, a.quantity, a.stock_id FROM {store}.allocation AS a
    WHERE a.state = 'committed'
        AND NOT EXISTS (SELECT 1 FROM inventory.reservation AS r WHERE r.reservation_id = a.allocation_id)
    """,
    "{quantity} units of {stock_id} are committed, and no reservation wants them",
    (),
)

CHECKS_OF_A_STORE = (
    LEDGER_SUMS,
    LEDGER_CHAIN,
    LEDGER_OF_NO_STOCK,
    COMMITTED,
    AVAILABILITY,
    OLDER_AVAILABILITY,
    AVAILABILITY_OF_NO_STOCK,
    ANSWERS,
    NEWER_ANSWERS,
    UNANSWERED,
    UNWANTED,
)
