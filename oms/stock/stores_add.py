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
from oms.company.importing.import_state import Outcome
from oms.company.retries import until_available
from oms.environment import SECRETS
from oms.prepare.mysql import create_store
from oms.repair.table_repair import DATABASE_ERRORS
from oms.stock.requests import run
from oms.stock.store_description import describe, id_fault
from oms.terminal import console, fail, good

_DONE = {Outcome.CREATED: "added", Outcome.UPDATED: "changed", Outcome.UNCHANGED: "unchanged"}


def _degrees(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number of degrees") from None


StoreId = Annotated[str, typer.Argument(help="Id of the new store: lower case letters, digits and hyphens.")]
Name = Annotated[str | None, typer.Option("--name", help="Name that customers read; by default the id.")]
Kind = Annotated[str | None, typer.Option("--kind", help="shop (the default) or warehouse.")]
Country = Annotated[
    str | None, typer.Option("--country", help="ISO 3166-1 alpha-2 code, such as US. A new store needs it.")
]
Region = Annotated[str | None, typer.Option("--region", help="Region or state of the store.")]
City = Annotated[str | None, typer.Option("--city", help="City of the store.")]
Latitude = Annotated[Decimal | None, typer.Option("--latitude", parser=_degrees, help="Decimal degrees.")]
Longitude = Annotated[Decimal | None, typer.Option("--longitude", parser=_degrees, help="Decimal degrees.")]
Priority = Annotated[int | None, typer.Option("--priority", help="The higher, the sooner it is asked; by default 0.")]
Secrets = Annotated[
    Path, typer.Option("--secrets", help="File of KEY=value lines that gets the password; printed if there is none.")
]


def add_store(
    store_id: StoreId,
    country: Country = None,
    name: Name = None,
    kind: Kind = None,
    region: Region = None,
    city: City = None,
    latitude: Latitude = None,
    longitude: Longitude = None,
    priority: Priority = None,
    secrets: Secrets = SECRETS,
) -> None:
    """Add a store: its row in central, its database, its account. Repeat it to resume it, or to change options."""
    if fault := id_fault(store_id):
        raise fail(f"{store_id!r} is no id of a store: {fault}")
    members = {
        "name": name,
        "kind": kind,
        "country": country,
        "region": region,
        "city": city,
        "latitude": latitude,
        "longitude": longitude,
        "priority": priority,
    }
    given = {member: value for member, value in members.items() if value is not None}
    outcome, has_reported = run(lambda services: until_available(partial(describe, services, store_id, given)))
    process = store_process(store_id)
    variable = f"OMS_{process.upper()}_DB_PASSWORD"
    try:
        known = os.environ.get(variable) or kept_password(variable, secrets)
        new = asyncio.run(create_store(process, known, lambda: keep_new_password(variable, secrets)))
    except (*DATABASE_ERRORS, OSError) as error:
        raise fail(f"cannot create the database of {store_id}: {error}") from None
    console.print(good(f"store {store_id} is {_DONE[outcome]}"))
    if not has_reported:
        _show_next_step(store_id, process, variable, new, secrets)


def _show_next_step(store_id: str, process: str, variable: str, new: str | None, secrets: Path) -> None:
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
