"""Generates the checked-in OpenAPI documents and docs/problems.md: `python -m chassis.openapi.documents`."""

from __future__ import annotations

import json
from importlib import import_module
from os import environ
from pathlib import Path

from fastapi import FastAPI

from chassis.http.errors.problem_types import EVERY_SERVICE, page

SERVICES = ("customers", "products", "orders", "stores", "inventory", "shipping")
"""Known by name only: chassis imports no service."""

CHECKOUT = Path(__file__).parents[2]


def documents() -> dict[Path, str]:
    """The text of each file. Raises SettingMissing: the apps are created as they would be to run."""
    apps = {service: _app(service) for service in SERVICES}
    types = [*EVERY_SERVICE, *(each for app in apps.values() for each in app.state.problem_types)]
    written = {CHECKOUT / service / "openapi.json": _text(app) for service, app in apps.items()}
    return written | {CHECKOUT / "docs" / "problems.md": page(types)}


def _app(service: str) -> FastAPI:
    app: FastAPI = import_module(f"{service}.api").app()
    return app


def _text(app: FastAPI) -> str:
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all files."""
    environ.setdefault("OMS_STORE_ID", "seattle")  # each store has the same document
    for file, text in documents().items():
        file.write_text(text)
        print(f"wrote {file.relative_to(CHECKOUT)}")


if __name__ == "__main__":
    main()
