"""Media types and codings of request bodies (RFC 9110, 8.3 and 8.4)."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from chassis.http.errors.problems import Problem

JSON, MERGE_PATCH, JSON_LINES = "application/json", "application/merge-patch+json", "application/x-ndjson"
_LINES = (JSON_LINES, "application/jsonl")
_PATCHES = (MERGE_PATCH, JSON)

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf'({_TOKEN}/{_TOKEN})[ \t]*((?:;[ \t]*(?:{_TOKEN}=(?:{_TOKEN}|"(?:[^"\\]|\\.)*")[ \t]*)?)*)')
"""Blanks belong to one place only, so that a match takes linear time."""
_PARAMETER = re.compile(rf'({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")')
_JSON_SUFFIX = re.compile(r"application/.+\+json")


def check_type(headers: Headers, method: str, *, is_bulk: bool) -> Problem | None:
    """The 415 of a body of this media type; None if it is accepted."""
    media_type = _media_type(headers.getlist("content-type"))
    if is_bulk:
        return None if media_type in _LINES else _unsupported(JSON_LINES)
    if method == "PATCH":
        accepted = {"Accept-Patch": ", ".join(_PATCHES)}
        return None if media_type in _PATCHES else _unsupported(" or ".join(_PATCHES), accepted)
    return None if media_type == JSON or _JSON_SUFFIX.fullmatch(media_type) else _unsupported(JSON)


def check_coding(headers: Headers) -> Problem | None:
    """The 415 of an encoded body (RFC 9110, 15.5.16); None if it is not encoded."""
    codings = [each.strip().lower() for line in headers.getlist("content-encoding") for each in line.split(",")]
    if all(each in ("", "identity") for each in codings):
        return None
    detail = "Send the body without Content-Encoding."
    return Problem(415, "unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})


def _media_type(lines: list[str]) -> str:
    """The media type in lower case; empty if it is missing, malformed, given twice, or not in UTF-8."""
    found = _MEDIA_TYPE.fullmatch(lines[0]) if len(lines) == 1 else None
    if found is None:
        return ""
    parameters = {name.lower(): token or quoted for name, token, quoted in _PARAMETER.findall(found[2])}
    return found[1].lower() if parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8") else ""


def _unsupported(media_type: str, headers: dict[str, str] | None = None) -> Problem:
    detail = f"Send the body as {media_type} in UTF-8."
    return Problem(415, "unsupported-media-type", detail, headers=headers)
