"""Browser pages that work offline: scripts are served from `.local/servers/web` if installed there."""

from __future__ import annotations

from os import environ
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from chassis.http.caching import PAGES

NO_ICON = "data:,"


class _Assets(StaticFiles):
    """Files that browsers keep for a while."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """The file, or the 304 of one that has not changed."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = PAGES
        return response


def assets(name: str) -> Path | None:
    """The folder of a page's scripts and styles (`OMS_WEB_DIR`), or None if it is not installed."""
    folder = Path(environ.get("OMS_WEB_DIR", ".local/servers/web")) / name
    return folder if folder.is_dir() else None


def serve_assets(app: FastAPI, name: str) -> bool:
    """Serve a page's scripts and styles below `/<name>/`. Returns whether they are installed."""
    folder = assets(name)
    if folder is not None:
        app.mount(f"/{name}", _Assets(directory=folder), name=name)
    return folder is not None


def offline_docs(app: FastAPI) -> None:
    """Serve Swagger UI at `/docs` from local files if installed; FastAPI's own page loads it from a CDN."""
    if not serve_assets(app, "swagger-ui"):
        return
    remove_route(app, app.docs_url)

    @app.get(app.docs_url or "/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=app.title,
            swagger_js_url="/swagger-ui/swagger-ui-bundle.js",
            swagger_css_url="/swagger-ui/swagger-ui.css",
            swagger_favicon_url=NO_ICON,
        )
        page.headers["Cache-Control"] = PAGES
        return page


def remove_route(app: FastAPI, path: str | None) -> None:
    """Remove FastAPI's own route at this path."""
    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", "") != path]
