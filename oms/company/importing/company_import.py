"""Imports a company's folder through the REST services: categories, products, stores and their stock, customers with
addresses, then orders.

Every step finds what exists and is equal, so an interrupted import is simply run again. Rows that exist and differ are
refused, unless an update is requested.
"""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

from oms.company.bulk import each_answer, slices
from oms.company.errors import RequestRefused
from oms.company.files import LineError, Position, entries
from oms.company.importing.customer_import import import_customers
from oms.company.importing.import_state import CATEGORIES, CUSTOMERS, PRODUCTS, Company, Report
from oms.company.importing.order_import import import_orders, order_lines
from oms.company.importing.stock_import import import_stock, import_stores
from oms.company.lines.base import sku_text
from oms.company.lines.categories import Category, category_body, parents_first
from oms.company.lines.customers import Customer
from oms.company.lines.orders import Order, ship_tos
from oms.company.lines.products import Product, product_body
from oms.company.rest import Rest


async def import_company(folder: Path, rest: Rest, workers: int, report: Report, *, update: bool = False) -> None:
    """Import every valid line. Raises ServiceUnavailable after the timeout; run it again to continue.

    With `update`, lines replace products and customers that differ; otherwise such lines are refused.
    """
    company = Company(ship_tos(each for _, each in order_lines(folder) if isinstance(each, Order)), update)
    categories = list(entries(folder / CATEGORIES, Category, attrgetter("slug"), report.refused))
    for some in slices(parents_first(categories)):
        await import_categories(rest, company, some, report)
    for products in slices(entries(folder / PRODUCTS, Product, attrgetter("sku"), report.refused)):
        await import_products(rest, company, products, report)
    await import_stores(rest, folder, report, update=update)
    await import_stock(rest, folder, workers, report, update=update)
    for customers in slices(entries(folder / CUSTOMERS, Customer, attrgetter("external_id"), report.refused)):
        await import_customers(rest, company, customers, report)
    await import_orders(rest, company, folder, workers, report)


async def import_categories(
    rest: Rest, company: Company, categories: list[tuple[Position, Category]], report: Report
) -> None:
    """Create categories, or find those that are equal."""
    sent = iter(categories)
    bodies = [category_body(category) for _, category in categories]
    async for answer in each_answer(rest, "products", company.bulk_path("/categories/bulk"), bodies):
        position, _ = next(sent)
        if isinstance(answer, RequestRefused):
            report.refused(LineError(position, str(answer)))
        else:
            report.imported(CATEGORIES, is_new=answer["status"] == 201, is_updated="updated" in answer)


async def import_products(
    rest: Rest, company: Company, products: list[tuple[Position, Product]], report: Report
) -> None:
    """Create products, or find those that are equal. Orders may refer to a SKU that exists, even if it differs."""
    sent = iter(products)
    bodies = [product_body(product) for _, product in products]
    async for answer in each_answer(rest, "products", company.bulk_path("/products/bulk"), bodies):
        position, product = next(sent)
        if not isinstance(answer, RequestRefused) or answer.kind == "sku-taken":
            company.currencies[sku_text(product.sku)] = product.currency
        if isinstance(answer, RequestRefused):
            report.refused(LineError(position, str(answer)))
        else:
            report.imported(PRODUCTS, is_new=answer["status"] == 201, is_updated="updated" in answer)
