"""`oms stores list` and `oms stores add`: the places that hold stock."""

from __future__ import annotations

import asyncio
from functools import partial
from secrets import token_urlsafe
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from chassis.addresses import store_process
from oms.company.importing.stock_import import import_store
from oms.company.lines.stores import Store
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.prepare.mysql import create_store
from oms.repair.table_repair import DATABASE_ERRORS
from oms.stock.requests import every_item, run
from oms.terminal import NOTHING, bad, console, fail, good

commands = typer.Typer(no_args_is_help=True, help="List and add the stores that hold stock.")

StoreId = Annotated[str, typer.Argument(help="Id of the new store: lower case letters, digits and hyphens.")]
Name = Annotated[str, typer.Option("--name", help="Name that customers read.")]
Kind = Annotated[str, typer.Option("--kind", help="shop or warehouse.")]
Country = Annotated[str, typer.Option("--country", help="ISO 3166-1 alpha-2 code, such as US.")]
City = Annotated[str | None, typer.Option("--city", help="City of the store.")]


@commands.command("list")
def list_stores() -> None:
    """List the stores, and up to when central has everything that each of them committed."""
    table = Table("store", "name", "kind", "country", "city", "online", "fresh until (UTC)", box=box.SIMPLE_HEAD)
    for each in run(_stores):
        until = each["freshUntil"] or NOTHING
        table.add_row(
            *(each[name] or NOTHING for name in ("id", "name", "kind", "country", "city")),
            "yes" if each["sellsOnline"] else "no",
            bad(until) if each["stale"] else good(until),
        )
    console.print(table)


@commands.command("add")
def add(store_id: StoreId, name: Name, country: Country, kind: Kind = "shop", city: City = None) -> None:
    """Add a store: its database, its account, and its row in central. Safe to repeat. Then start its process."""
    store = Store(id=store_id, name=name, kind=kind, country=country, city=city)
    run(lambda services: until_available(partial(import_store, services, store, update=True)))
    process, password = store_process(store_id), token_urlsafe(24)
    try:
        is_new = asyncio.run(create_store(process, password))
    except DATABASE_ERRORS as error:
        raise fail(f"cannot create the database of {store_id}: {error}") from None
    console.print(good(f"store {store_id} is added"))
    variable = f"OMS_{process.upper()}"
    console.print("Start its process with these variables, and give those of the port to all other processes:")
    shown = {"OMS_STORE_ID": store_id, f"{variable}_PORT": "<a free port>"}
    for key, value in {**shown, **({f"{variable}_DB_PASSWORD": password} if is_new else {})}.items():
        console.print(f"  {key}={value}", soft_wrap=True, markup=False)
    console.print("  python -m stores.store")


async def _stores(services: Rest) -> list[dict[str, Any]]:
    return [each async for each in every_item(services, "inventory", "/stores")]
