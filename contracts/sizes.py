"""Size limits of orders, records and documents in bytes, from which settings of topics, clients and servers derive.

REST limits every field by characters, and the delivery addresses of an order also by bytes, since one row may have 500
of them. All other rows are far smaller, and no document is larger than a record.
"""

from __future__ import annotations

_KIB = 1024
_MIB = 1024 * _KIB

MOST_LINES = 500
"""Lines of an order. With the widths of columns it limits an order's document, which has an address per line."""

ADDRESSES_BYTES = 4 * _MIB
"""The delivery addresses of an order in the record of its row. 500 addresses with fields of maximum length take 1.1 MB
in Latin script, 2.9 MB in Chinese. 190 fit with characters of twelve bytes, such as emoji."""

RECORD_BYTES = 9 * _MIB
"""A record with its key. More than twice `ADDRESSES_BYTES`, since orders from before that limit may have 500 addresses
of 1,350 such characters. The largest document of an order takes half of it."""

RECORD_OVERHEAD_BYTES = 128
"""Kafka's overhead of a record that is alone in its batch."""

DEAD_LETTER_BYTES = RECORD_BYTES + 64 * _KIB
"""A dead letter or a replay: a record and the headers with the reason."""

QUEUE_BYTES = 32 * _MIB
"""Rows that a connector has read and not sent. Its default limit of 8,192 rows would exhaust the memory of Connect with
a few hundred large ones. That many ordinary rows are smaller than this."""

FETCH_BYTES = _MIB
"""Fetch size of a consumer per partition. The broker returns the first batch whole, whatever its size, so this limits
the memory of a reader and not the size of a record."""

PACKET_BYTES = 64 * _MIB
"""MySQL's `max_allowed_packet`: an order, its lines and its stored response are one packet of at most 16 MB."""

MAX_BYTES_PER_CHARACTER = 12
"""The maximum size of a character of a column in the record of its row: see `bytes_in_a_row`."""


def bytes_in_a_row(text: str) -> int:
    """The size of a column's text in the record that Kafka Connect writes of its row.

    In UTF-8, with a backslash before each quote and backslash; a character beyond the BMP is two escapes of six bytes.
    """
    size = len(text.encode()) + text.count('"') + text.count("\\")
    if text.isascii():
        return size
    beyond_bmp = len(text.encode("utf-16-le")) // 2 - len(text)
    return size + beyond_bmp * (MAX_BYTES_PER_CHARACTER - 4)
