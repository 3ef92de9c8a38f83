"""Imports orders: those of other systems one by one, those that this system exported in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chassis.retrying import attempts
from oms.company.bulk import each_answer, slices
from oms.company.concurrency import each_of
from oms.company.errors import RequestRefused, ServiceUnavailable, is_not_yet_known
from oms.company.files import LineError, OnError, Position, entries
from oms.company.importing.import_state import ORDERS, Company, Report
from oms.company.lines.orders import ExportedOrder, Order, decode_order, order_body, order_currency, order_key
from oms.company.rest import Rest

BYTES_PER_REQUEST = 4 * 1024 * 1024
"""Size at which a bulk request of exported orders ends."""


def order_lines(folder: Path, on_error: OnError = lambda _: None) -> Iterator[tuple[Position, Order | ExportedOrder]]:
    """The orders of the folder, of this system and of others."""
    return entries(folder / ORDERS, Order, order_key, on_error, decode_order)


async def import_orders(rest: Rest, company: Company, folder: Path, workers: int, report: Report) -> None:
    """Import all orders of the folder; `workers` of them are sent at once."""

    async def import_one(line: tuple[Position, Order]) -> None:
        try:
            report.imported(ORDERS, is_new=await import_order(rest, company, line[1]))
        except (RequestRefused, ValueError) as error:
            report.refused(LineError(line[0], str(error)))

    for lines in slices(order_lines(folder, report.refused), weight=_bytes, max_weight=BYTES_PER_REQUEST):
        exported = [(position, order) for position, order in lines if isinstance(order, ExportedOrder)]
        if exported:
            await import_exported_orders(rest, exported, report)
        others = [(position, order) for position, order in lines if isinstance(order, Order)]
        await each_of(others, workers, import_one)


async def import_exported_orders(rest: Rest, orders: list[tuple[Position, ExportedOrder]], report: Report) -> None:
    """Create exported orders, or find that they exist. Waits for customers that `orders` has not consumed yet."""
    async for _ in attempts(most_s=2.0):
        sent, waiting, refusal = iter(orders), [], None
        async for answer in each_answer(rest, "orders", "/orders/bulk", [order.text for _, order in orders]):
            position, order = next(sent)
            if not isinstance(answer, RequestRefused):
                report.imported(ORDERS, is_new=answer["status"] == 201)
            elif is_not_yet_known(answer):
                waiting.append((position, order))
                refusal = answer
            else:
                report.refused(LineError(position, str(answer)))
        if refusal is None:
            return
        try:
            rest.timeout.retry_or_raise(refusal)
        except RequestRefused as error:
            for position, _order in waiting:
                report.refused(LineError(position, str(error)))
            return
        orders = waiting


async def import_order(rest: Rest, company: Company, order: Order) -> bool:
    """Create an order (True), or find the one with this number. Waits for references that are not consumed yet."""
    customer_id, address_id = company.references(order)
    body = order_body(order, customer_id, address_id, order_currency(order, company.currencies))

    async def post() -> bool:
        response = await rest.post("orders", "/imported-orders", body)
        return response.status_code == 201

    return await rest.timeout.until_done(post, lambda error: isinstance(error, ServiceUnavailable))


def _bytes(line: tuple[Position, Order | ExportedOrder]) -> int:
    return len(line[1].text) if isinstance(line[1], ExportedOrder) else 0
