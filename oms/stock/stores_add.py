"""`oms stores add ID`: the row of a store in central, its database and its account."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated

import typer

from chassis.addresses import store_process
from oms.company.importing.stock_import import import_store
from oms.company.lines.stores import Store
from oms.company.retries import until_available
from oms.environment import SECRETS
from oms.prepare.mysql import create_store
from oms.repair.table_repair import DATABASE_ERRORS
from oms.stock.requests import run
from oms.terminal import console, fail, good


def _degrees(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number of degrees") from None


StoreId = Annotated[str, typer.Argument(help="Id of the new store: lower case letters, digits and hyphens.")]
Name = Annotated[str | None, typer.Option("--name", help="Name that customers read; by default the id.")]
Kind = Annotated[str, typer.Option("--kind", help="shop or warehouse.")]
Country = Annotated[str, typer.Option("--country", help="ISO 3166-1 alpha-2 code, such as US.")]
Region = Annotated[str | None, typer.Option("--region", help="Region or state of the store.")]
City = Annotated[str | None, typer.Option("--city", help="City of the store.")]
Latitude = Annotated[Decimal | None, typer.Option("--latitude", parser=_degrees, help="Decimal degrees.")]
Longitude = Annotated[Decimal | None, typer.Option("--longitude", parser=_degrees, help="Decimal degrees.")]
Priority = Annotated[int, typer.Option("--priority", help="The higher, the sooner it is asked.")]
Secrets = Annotated[
    Path, typer.Option("--secrets", help="File of KEY=value lines that gets the password; printed if there is none.")
]


def add_store(
    store_id: StoreId,
    country: Country,
    name: Name = None,
    kind: Kind = "shop",
    region: Region = None,
    city: City = None,
    latitude: Latitude = None,
    longitude: Longitude = None,
    priority: Priority = 0,
    secrets: Secrets = SECRETS,
) -> None:
    """Add a store: its row in central, its database, its account. Safe to repeat. Then start its process."""
    store = Store(
        id=store_id,
        name=name or store_id,
        kind=kind,
        country=country,
        region=region,
        city=city,
        latitude=latitude,
        longitude=longitude,
        priority=priority,
    )
    run(lambda services: until_available(partial(import_store, services, store, update=True)))
    process = store_process(store_id)
    variable = f"OMS_{process.upper()}_DB_PASSWORD"
    try:
        known = os.environ.get(variable) or kept_password(variable, secrets)
        new = asyncio.run(create_store(process, known, lambda: keep_new_password(variable, secrets)))
    except (*DATABASE_ERRORS, OSError) as error:
        raise fail(f"cannot create the database of {store_id}: {error}") from None
    console.print(good(f"store {store_id} is added"))
    console.print("Start its process with these variables, and give that of the port to all other processes:")
    shown = {"OMS_STORE_ID": store_id, f"OMS_{process.upper()}_PORT": "<a free port>"}
    if new and not secrets.exists():
        shown[variable] = new
    for key, value in shown.items():
        console.print(f"  {key}={value}", soft_wrap=True, markup=False)
    if new and secrets.exists():
        console.print(f"  and {variable}, which is in {secrets} now", soft_wrap=True, markup=False)
    console.print("  python -m stores.store")


def kept_password(variable: str, secrets: Path) -> str | None:
    """The password in the file, or None. Raises OSError."""
    lines = secrets.read_text().splitlines() if secrets.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line).get(variable)


def keep_new_password(variable: str, secrets: Path) -> str:
    """A new password. The file, if there is one, has it before the account does, so that it is not lost.

    Raises OSError.
    """
    password = token_urlsafe(24)
    if secrets.exists():
        text = secrets.read_text()
        with secrets.open("a") as file:
            file.write(("" if text.endswith("\n") or not text else "\n") + f"{variable}={password}\n")
    return password
