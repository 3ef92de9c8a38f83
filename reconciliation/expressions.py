"""SQL of a row's digest for MySQL and Postgres; equal to that of `contracts/digests.py`.

The digest of an order includes its lines: the text of its columns is followed by the sum of the digests of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.digests import DIGITS, Kind
from reconciliation.tables import Lines, Table

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
# Whether what the read model derives from an order is right: the order of its lines, their SKUs, and the countries.
_SKUS = "coalesce(array_agg(line.sku) FILTER (WHERE NOT line.deleted), '{}')"
_COUNTRIES = "jsonb_path_query_array(delivery_addresses, '$[*].country')"
_IS_CONSISTENT = f"""
    skus <@ {_SKUS} AND skus @> {_SKUS}
    AND to_jsonb(countries) <@ {_COUNTRIES} AND to_jsonb(countries) @> {_COUNTRIES}
    AND array_agg(line.line_number ORDER BY line.ordinality)
        IS NOT DISTINCT FROM array_agg(line.line_number ORDER BY line.line_number)
"""


def mysql_digests(columns: Mapping[str, Kind], table: Table | None = None) -> str:
    """SQL that selects the number of rows and the sum of their digests, as `row_count` and `total`.

    With the lines of each order, if `table` has lines.
    """
    lines = [_mysql_lines(table, table.lines)] if table and table.lines else []
    return f"COUNT(*) AS row_count, SUM({_mysql_digest(columns, lines)}) AS total"


def postgres_digests(columns: Mapping[str, Kind], lines: Lines | None = None) -> str:
    """Like `mysql_digests`, for Postgres. The time zone of the session must be UTC."""
    return (
        f"count(*) AS row_count, sum({_postgres_digest(columns, [_postgres_lines(lines)] if lines else [])}) AS total"
    )


def _mysql_digest(columns: Mapping[str, Kind], others: list[str]) -> str:
    values = [f"IFNULL({_IN_MYSQL[kind].format(f'`{name}`')}, '-')" for name, kind in columns.items()]
    hexadecimal = f"LEFT(SHA2(CONCAT_WS('|', {', '.join(values + others)}), 256), {DIGITS})"
    return f"CAST(CONV({hexadecimal}, 16, 10) AS UNSIGNED)"


def _mysql_lines(table: Table, lines: Lines) -> str:
    order = f"`{table.name}`"
    return f"""IFNULL((
        SELECT SUM({_mysql_digest(lines.columns, [])}) FROM `{table.database}`.`{lines.topic.name}` AS line
        WHERE line.order_id = {order}.order_id AND line.lines_version = {order}.lines_version
    ), '-')"""


def _postgres_digest(columns: Mapping[str, Kind], others: list[str]) -> str:
    texts = [f"coalesce({_IN_POSTGRES[kind].format(name)}, '-')" for name, kind in columns.items()]
    text = " || '|' || ".join(texts + others)
    first = f"substr(sha256(convert_to({text}, 'UTF8')), 1, {DIGITS // 2})"
    return f"('x' || encode({first}, 'hex'))::bit({4 * DIGITS})::bigint"


def _postgres_lines(lines: Lines) -> str:
    columns = {f"line.{name}": kind for name, kind in lines.columns_in_read_model.items()}
    digests = f"sum({_postgres_digest(columns, [])}) FILTER (WHERE NOT line.deleted)"
    return f"""coalesce((
        SELECT CASE WHEN {_IS_CONSISTENT} THEN ({digests})::text ELSE 'inconsistent' END
        FROM unnest(lines) WITH ORDINALITY AS line
    ), '-')"""
