"""The route of reservations with one read by the primary key in place of its decision: it refuses what is sold out.

python -m benchmarks.inventory.reservations.bare_route
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Response

from benchmarks.inventory.shelves import STORE
from chassis.http.app import serve
from chassis.http.routing import direct
from chassis.rest.dependencies import Db
from chassis.rest.idempotency import KeyedOnce
from chassis.write_service import write_service
from contracts.stores import stock_id
from inventory.decisions.shortages import short_lines
from inventory.holds.models import NewReservation
from inventory.problems import TYPES, insufficient_stock
from inventory.settings import MIGRATIONS, database

_READ = "SELECT GREATEST(on_hand - unsellable - committed - reserved, 0) AS free FROM availability WHERE stock_id = %s"

router = APIRouter()


@router.post("/reservations", status_code=201)
async def refuse(new: NewReservation, database: Db, _: KeyedOnce) -> Response:
    """Refuse one line."""
    [line] = new.lines
    async with database.reading() as connection:
        row = await connection.fetch_one(_READ, [stock_id(STORE, line.sku)])
    assert row is not None
    raise insufficient_stock(short_lines([(line.sku, line.quantity)], {line.sku: row["free"]}))


def app() -> FastAPI:
    """The service with this route alone."""
    made = write_service("inventory", "One route.", database(), MIGRATIONS, TYPES)
    direct.include(made, router)
    return made


if __name__ == "__main__":
    serve(app(), "inventory")
