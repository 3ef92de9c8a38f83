"""The load: tasks that are repeated for ever, whatever the services answer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.soak.clients import Clients
from tests.support.eventually import eventually
from tests.support.shop.builders import a_key
from tests.support.stock.selling import STORE

AT_MOST = 400
"""Number of orders that are remembered to be changed later."""

COMMANDS = {
    "confirmed": "confirm",
    "backordered": "backorder",
    "rejected": "reject",
    "cancelled": "cancel",
    "shipped": "ship",
    "delivered": "deliver",
}
"""The command that leads to each status. Inventory gives the first three; by hand they are refused."""

STOCKED = 1_000_000
"""Units of each product at the beginning."""

MOVEMENTS = f"/stores/{STORE}/stock-movements"


class Shop:
    """The existing customers, products and `orders`, and the operations so far."""

    def __init__(self, clients: Clients, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self.orders: list[str] = []
        self._client = clients
        self._random = random.Random(seed)
        self._customers: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._products: list[dict[str, Any]] = []

    async def open(self) -> None:
        """Create customers and products for the first orders."""
        for _ in range(20):
            await self._come()
            sku = f"T-{self._random.randrange(16**12):012x}"
            product = {"sku": sku, "name": f"Thing {sku}", "price": "12.50", "currency": "USD"}
            self._products.append(await self._made("products", "/products", product))
            await self._made(f"store_{STORE}", MOVEMENTS, {"sku": sku, "delta": STOCKED, "reason": "received"})

    def tasks(self) -> list[tuple[Callable[[], Awaitable[None]], float]]:
        """The tasks, each with its interval in seconds."""
        return [
            *[(self._place, 0.05)] * 4,
            *[(self._move, 0.05)] * 4,
            *[(self._change_lines, 0.1)] * 2,
            (self._sell, 0.2),
            (self._rename, 0.7),
            (self._reprice, 0.5),
            (self._come, 2.0),
            (self._leave, 7.0),
            (self._recreate, 5.0),
        ]

    async def _place(self) -> None:
        customer, address = self._random.choice(self._customers)
        lines = [self._line(address) for _ in range(self._random.randint(1, 4))]
        answer = await self._post("orders", "/orders", {"customerId": customer["id"], "lines": lines})
        if answer.status_code == 201:
            self.orders.append(answer.json()["id"])
            del self.orders[:-AT_MOST]
            self.done["placed"] += 1

    async def _sell(self) -> None:
        sku = self._random.choice(self._products)["sku"]
        body = {"sku": sku, "delta": -self._random.randint(1, 9), "reason": "sold"}
        self.done["sold"] += (await self._post(f"store_{STORE}", MOVEMENTS, body)).is_success

    async def _move(self) -> None:
        async with self._client("orders") as http:
            if (order := await self._some_order(http)) and (
                commands := [COMMANDS[each] for each in order["allowedTransitions"] if each in COMMANDS]
            ):
                command = self._random.choice(commands)
                body = {"reason": "as it goes"} if command in ("cancel", "reject") else {}
                answer = await http.post(
                    f"/orders/{order['id']}/{command}", json=body, headers={"If-Match": f'"{order["version"]}"'}
                )
                self.done[command] += answer.is_success

    async def _change_lines(self) -> None:
        async with self._client("orders") as http:
            order = await self._some_order(http)
            if order and order["status"] == "placed":
                lines = [{"sku": each["sku"], "quantity": each["quantity"] + 1} for each in order["lines"]]
                for line, each in zip(lines, order["lines"], strict=True):
                    line["deliveryAddressId"] = each["deliveryAddressId"]
                answer = await http.patch(
                    f"/orders/{order['id']}/lines",
                    json={"lines": lines},
                    headers={"If-Match": f'"{order["version"]}"'},
                )
                self.done["lines changed"] += answer.is_success

    async def _rename(self) -> None:
        customer, _ = self._random.choice(self._customers)
        self.done["renamed"] += await self._patch("customers", f"/customers/{customer['id']}", {"name": self._word()})

    async def _reprice(self) -> None:
        product = self._random.choice(self._products)
        price = f"{self._random.randint(100, 9999) / 100:.2f}"
        self.done["repriced"] += await self._patch("products", f"/products/{product['sku']}", {"price": price})

    async def _come(self) -> None:
        word = self._word()
        person = {"name": word, "lastName": "Trujillo", "email": f"{word}-{self._random.randrange(10**9)}@example.com"}
        customer = await self._made("customers", "/customers", person)
        place = {"street": "Avda. de la Constitución", "number": "2222", "city": "México D.F.", "country": "MX"}
        address = await self._made("customers", f"/customers/{customer['id']}/addresses", place)
        self._customers = [*self._customers[-200:], (customer, address)]

    async def _leave(self) -> None:
        if len(self._customers) > 15:
            customer, _ = self._customers.pop(0)
            self.done["erased"] += await self._delete("customers", f"/customers/{customer['id']}")

    async def _recreate(self) -> None:
        product = self._random.choice(self._products)
        if await self._delete("products", f"/products/{product['sku']}"):
            body = {name: product[name] for name in ("sku", "name", "price", "currency")}
            await eventually(lambda: self._is_made(body))
            self.done["recreated"] += 1

    async def _is_made(self, product: dict[str, Any]) -> None:
        assert (await self._post("products", "/products", product)).is_success

    def _line(self, address: dict[str, Any]) -> dict[str, Any]:
        sku = self._random.choice(self._products)["sku"]
        return {"sku": sku, "quantity": self._random.randint(1, 9), "deliveryAddressId": address["id"]}

    def _word(self) -> str:
        return "".join(self._random.choices("abcdefghij", k=8)).title()

    async def _some_order(self, http: httpx.AsyncClient) -> dict[str, Any] | None:
        if not self.orders:
            return None
        answer = await http.get(f"/orders/{self._random.choice(self.orders)}")
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found

    async def _made(self, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What was created. Raises AssertionError if it was refused."""
        answer = await self._post(service, path, body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    async def _post(self, service: str, path: str, body: dict[str, Any]) -> httpx.Response:
        async with self._client(service) as http:
            return await http.post(path, json=body, headers=a_key())

    async def _patch(self, service: str, path: str, body: dict[str, Any]) -> bool:
        async with self._client(service) as http:
            seen = await http.get(path)
            headers = {"If-Match": seen.headers.get("ETag", '"0"'), "Content-Type": "application/merge-patch+json"}
            return (await http.patch(path, json=body, headers=headers)).is_success

    async def _delete(self, service: str, path: str) -> bool:
        async with self._client(service) as http:
            seen = await http.get(path)
            return (await http.delete(path, headers={"If-Match": seen.headers.get("ETag", '"0"')})).is_success
