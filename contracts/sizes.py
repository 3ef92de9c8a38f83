"""How large an order, a row's record and a document may be, in bytes. Settings of topics, clients and servers follow.

REST bounds every field by characters, and the delivery addresses of an order by bytes as well: there may be 500 of them
in one row. Every other row is far smaller, and no document can be larger than a record may be.
"""

from __future__ import annotations

_KIB = 1024
_MIB = 1024 * _KIB

MOST_LINES = 500
"""Lines of an order. With the columns' widths it bounds the document of an order, which repeats an address by line."""

ADDRESSES_BYTES = 4 * _MIB
"""The delivery addresses of one order, as they are in the record of its row. 500 addresses with every field full take
0.9 MB in Latin letters, 2.2 MB in Chinese. 253 fit of letters that take twelve bytes each, such as emoji."""

RECORD_BYTES = 9 * _MIB
"""Any record of ours, with its key. More than twice `ADDRESSES_BYTES`, since before those were bounded an order could
have 500 addresses of 1,350 such letters. The largest document of an order takes half of it."""

RECORD_OVERHEAD_BYTES = 128
"""What Kafka writes around the key and the value of a record that is alone in its batch."""

LETTER_BYTES = RECORD_BYTES + 64 * _KIB
"""A dead letter or a replay: a record, and the headers that say why it was set aside."""

QUEUE_BYTES = 32 * _MIB
"""Rows that a connector has read and not sent. Without it there are up to 8,192 of them, and at some hundred large ones
Connect has no memory left. So many ordinary ones are fewer bytes than this."""

FETCH_BYTES = _MIB
"""What a consumer asks for of a partition at a time. The broker gives the first batch whole, however large, so this
bounds what a reader holds in memory and not how large a record may be."""

PACKET_BYTES = 64 * _MIB
"""MySQL's `max_allowed_packet`: an order, its lines and its kept answer come in one packet of at most 16 MB."""

MOST_BYTES_OF_A_LETTER = 12
"""The most that one character of a column takes in the record of its row: see `bytes_in_a_row`."""


def bytes_in_a_row(text: str) -> int:
    """How many bytes the text of a column takes in the record that Kafka Connect writes of its row.

    In UTF-8, with a backslash before each quote and backslash; a character beyond the BMP is two escapes of six bytes.
    """
    size = len(text.encode()) + text.count('"') + text.count("\\")
    if text.isascii():
        return size
    beyond_bmp = len(text.encode("utf-16-le")) // 2 - len(text)
    return size + beyond_bmp * (MOST_BYTES_OF_A_LETTER - 4)
