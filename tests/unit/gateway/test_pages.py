"""The pages in a browser: their scripts come from here when they are installed, from a CDN when they are not."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gateway.api import app
from tests.support.gateway.gateway_alone import set_environment


@pytest.fixture
def web_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OMS_WEB_DIR", str(tmp_path))
    set_environment(monkeypatch)
    return tmp_path


async def page(path: str) -> str:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app()), base_url="http://test") as client:
        answer = await client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("path", ["/", "/graphql", "/docs"])
async def test_with_the_scripts_here_no_page_asks_another_host(web_folder: Path, path: str) -> None:
    for name in ("graphiql", "swagger-ui"):
        (web_folder / name).mkdir()

    assert "https://" not in await page(path)


async def test_the_scripts_are_served(web_folder: Path) -> None:
    (web_folder / "graphiql").mkdir()
    (web_folder / "graphiql" / "graphiql.min.js").write_text("GraphiQL")

    assert await page("/graphiql/graphiql.min.js") == "GraphiQL"


@pytest.mark.parametrize("path", ["/graphql", "/docs"])
async def test_without_them_a_page_asks_a_cdn(web_folder: Path, path: str) -> None:
    assert "https://" in await page(path)
