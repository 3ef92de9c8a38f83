"""The commands of the README that place an order work as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from chassis import addresses
from tests.support.eventually import eventually
from tests.support.shop.builders import a_product, an_address, client, made
from tests.support.stock.selling import orders_are_sourced, received

README = (Path(__file__).parents[2] / "README.md").read_text()
CUSTOMER = {"name": "Ada", "lastName": "Byron", "email": "ada@demo.example"}
"""Whom `make demo` registers; another test may have done so."""


async def test_the_order_of_the_readme_is_confirmed_and_shown() -> None:
    await _the_demo_was_run()

    async with orders_are_sourced():
        order = await eventually(_pasted)  # the customer may still be on its way to `orders`

    assert order["status"] == "CONFIRMED"
    assert order["customer"] == {"lastName": "Byron"}
    assert [line["quantity"] for line in order["lines"]] == [3]


def _pasted() -> Any:
    done = subprocess.run(["bash", "-c", _commands()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    response = json.loads(done.stdout)
    assert "data" in response, (response, done.stderr)
    return response["data"]["order"]


def _commands() -> str:
    [block] = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    for name in ("gateway", "customers", "products", "orders"):
        block = block.replace(f"127.0.0.1:{addresses.DEFAULT_PORTS[name]}", addresses.address(name))
    return f"set -euo pipefail\n{block}"


async def _the_demo_was_run() -> None:
    async with client("customers") as http:
        found = (await http.get("/customers", params={"email": CUSTOMER["email"]})).json()["items"]
        if not found:
            await an_address(await made("customers", "/customers", CUSTOMER))
    await a_product()
    async with client("products") as http:
        [first] = (await http.get("/products", params={"active": "true", "limit": 1})).json()["items"]
    await received(first["sku"], 100)
