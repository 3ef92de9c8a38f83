"""Documents of equal versions are equal, and the last one is right, whoever writes them, however late."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.inventory.availability import with_stores
from contracts.products import ProductRow, StockedProduct
from products.indexing.stock import Stored, merged

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
A_ROW = ProductRow(
    sku="A", name="", price=Decimal(1), currency="USD", categories="[]", active=True, created_at=NOON, updated_at=NOON,
    version=0,
)  # fmt: skip

CHANGES = st.lists(st.sampled_from(["write", "delete", "lima", "quito"]), min_size=1, max_size=30)


class Database:
    """A product and the stock of its SKU in MySQL, and all rows that were on the topic of products."""

    def __init__(self) -> None:
        self.stored = Stored()
        self.topic: list[ProductRow] = []
        self._clock = 100

    def change(self, what: str) -> None:
        """One transaction. A product is made, or changed; what is made again begins far above what was."""
        stored, product = self.stored, self.stored.product
        if what in ("lima", "quito"):
            is_there = what in stored.available_at
            available_at = with_stores(stored.available_at, {what: not is_there})
            self.stored = Stored(product, stored.last_version, available_at, stored.availability_version + 1)
            return
        if what == "write":
            self._clock += 100
            version = product.version + 1 if product else self._clock if stored.last_version else 1
            product = replace(A_ROW, version=version, name=f"{version}")
            last = stored.last_version or version
        elif product:
            self.topic.append(replace(product, is_deleted=True))
            last, product = product.version + 1, None
        else:
            return
        self.stored = Stored(product, last, stored.available_at, stored.availability_version)
        if product:
            self.topic.append(product)


@given(changes=CHANGES, data=st.data())
def test_documents_are_right_whoever_writes_them_in_whatever_order(changes: list[str], data: st.DataObject) -> None:
    database = Database()
    writes: list[StockedProduct] = []
    for change in changes:
        database.change(change)
        # A worker reads the snapshot: for a change of stock, for a row of the topic, for one that is read once more.
        records = data.draw(st.lists(st.sampled_from([None, *database.topic]), max_size=3))
        writes += [row for record in records if (row := merged(record, database.stored))]
    last = merged(database.topic[-1] if database.topic else None, database.stored)
    writes += [last] if last else []

    seen: dict[int, tuple[str, str] | None] = {}
    index: StockedProduct | None = None
    for row in data.draw(st.permutations(writes)):
        assert seen.setdefault(row.document_version, found(row)) == found(row)
        if index is None or row.document_version > index.document_version:
            index = row

    assert index is None if last is None else index is not None
    assert found(index) == found(last)


def found(row: StockedProduct | None) -> tuple[str, str] | None:
    """What searches find of a document."""
    return None if row is None or row.is_deleted else (row.name, row.available_at)
