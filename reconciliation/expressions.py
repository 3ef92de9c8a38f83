"""SQL of a row's digest for MySQL and Postgres; equal to that of `contracts/digests.py`."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.digests import DIGITS, Kind

# Texts are cast to bytes, because the collations of the columns differ.
_IN_MYSQL = {
    Kind.PLAIN: "{0}",
    Kind.TEXT: "CONCAT(LENGTH({0}), ':', CAST({0} AS BINARY))",
    Kind.JSON: "CAST(CAST({0} AS CHAR) AS BINARY)",
    Kind.TIME: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {0})",
    Kind.TRUTH: "{0}",
}

_IN_POSTGRES = {
    Kind.PLAIN: "{0}::text",
    Kind.TEXT: "octet_length({0}) || ':' || {0}",
    Kind.JSON: "{0}::text",
    Kind.TIME: "(extract(epoch FROM {0}) * 1000000)::bigint::text",
    Kind.TRUTH: "{0}::integer::text",
}


def mysql_digests(columns: Mapping[str, Kind]) -> str:
    """SQL that selects the number of rows and the sum of their digests, as `row_count` and `total`."""
    values = ", ".join(f"IFNULL({_IN_MYSQL[kind].format(f'`{name}`')}, '-')" for name, kind in columns.items())
    hexadecimal = f"LEFT(SHA2(CONCAT_WS('|', {values}), 256), {DIGITS})"
    return f"COUNT(*) AS row_count, SUM(CAST(CONV({hexadecimal}, 16, 10) AS UNSIGNED)) AS total"


def postgres_digests(columns: Mapping[str, Kind]) -> str:
    """Like `mysql_digests`, for Postgres. The time zone of the session must be UTC."""
    values = " || '|' || ".join(f"coalesce({_IN_POSTGRES[kind].format(name)}, '-')" for name, kind in columns.items())
    first = f"substr(sha256(convert_to({values}, 'UTF8')), 1, {DIGITS // 2})"
    bits = f"('x' || encode({first}, 'hex'))::bit({4 * DIGITS})::bigint"
    return f"count(*) AS row_count, sum({bits}) AS total"
