"""Rows and decisions as REST shows them."""

from __future__ import annotations

from chassis.databases.mysql import Row
from chassis.http.routing.paths import url_path
from chassis.rest.etags import consistency_token, etag
from chassis.rest.responses import WriteResponse
from contracts.stores import Reason, stock_id
from stores import models
from stores.ledger import Change
from stores.repository import milliseconds


def shown_stock(row: Row) -> models.Stock:
    """A stock."""
    free = row["on_hand"] - row["unsellable"] - row["committed"]
    columns = {name: row[name] for name in models.Stock.model_fields if name != "free"}
    return models.Stock.model_validate({**columns, "free": free}, by_name=True)


def shown_movement(row: Row) -> models.Movement:
    """A movement."""
    return models.Movement.model_validate(row, by_name=True)


def shown_allocation(row: Row) -> models.Allocation:
    """An allocation."""
    return models.Allocation.model_validate({name: row[name] for name in models.Allocation.model_fields}, by_name=True)


def shown_change(change: Change) -> models.StockChange:
    """What a movement has changed."""
    now, movement = change.now, change.movement
    columns = {name: getattr(movement, name) for name in models.Movement.model_fields if hasattr(movement, name)}
    times = {"happened_at": movement.happened_at or now, "recorded_at": now}
    shown = {
        "movement": shown_movement({**columns, **times, "id": change.movement_id}),
        "stock": shown_stock({**vars(change.stock), "updated_at": milliseconds(now)}),
        "short": [
            shown_allocation({**vars(each), "id": each.allocation_id, "answered_at": milliseconds(now)})
            for each in change.short
        ],
    }
    return models.StockChange(**shown)


def shown_count(change: Change) -> models.Count:
    """What a count has changed."""
    assert change.movement.reason is Reason.COUNTED
    return models.Count(**vars(shown_change(change)), difference=change.movement.delta)


def change_response(shown: models.StockChange) -> WriteResponse:
    """The 201 of a movement, with the ETag and the Consistency-Token of its stock."""
    stock = shown.stock
    headers = {
        "ETag": etag(stock.version),
        "Consistency-Token": consistency_token("stock", stock_id(stock.store_id, stock.sku), stock.version),
        "Location": url_path("stores", stock.store_id, "stock", stock.sku, "movements", shown.movement.sequence),
    }
    return WriteResponse(201, headers, shown.model_dump_json(by_alias=True).encode())
