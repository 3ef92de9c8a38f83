"""No file imports another one that imports it in turn, directly or through others."""

from __future__ import annotations

import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[3]

ALLOWED = {
    ("gateway.shop.customers", "gateway.shop.orders.order"),
    ("gateway.shop.products.categories", "gateway.shop.products.product"),
    ("gateway.shop.products.categories", "gateway.shop.products.queries"),
    ("gateway.shop.returns.order_return", "gateway.shop.orders.order"),
    ("gateway.shop.shipments.shipment", "gateway.shop.orders.order"),
    ("gateway.shop.stock.levels", "gateway.shop.products.product"),
}
"""Importers and what they import: types of one schema that name each other, and the lists of one in the other."""


def circles(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """The imports that are left when files that import nothing, or are imported by nothing, are removed repeatedly."""
    while True:
        imported = set().union(*imports.values())
        left = {each: found & imports.keys() for each, found in imports.items() if found and each in imported}
        if left == imports:
            return left
        imports = left


def test_files_that_import_each_other_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == {"b": {"c"}, "c": {"b"}}


def test_no_files_import_each_other() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    graph = grimp.build_graph(*settings["root_packages"], cache_dir=None)
    imports = {each: set(graph.find_modules_directly_imported_by(each)) for each in graph.modules}
    for importer, imported in ALLOWED:
        imports[importer].remove(imported)

    assert circles(imports) == {}
