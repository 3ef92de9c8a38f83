"""Markdown files point at what exists: relative links, their anchors, and the files that they name."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOP_LEVEL = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
FILES = sorted(
    file.relative_to(ROOT) for file in chain(ROOT.glob("*.md"), *((ROOT / name).rglob("*.md") for name in TOP_LEVEL))
)

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^(```.*?^```|    .*?$)", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`([\w.-]*(?:/[\w.*-]+)+/?|[\w.-]+/|[\w-]+\.(?:py|sql|xml|graphql))`")
"""A path, a folder, or the name of a file, in a code span. `/` at its start is a URL's."""

ELSEWHERE = re.compile(r"^(?:application|text|urn)/|^\.(?:venv|local)/")
"""Media types, and what the installer makes."""


@pytest.mark.parametrize("file", FILES, ids=str)
def test_links_lead_somewhere(file: Path) -> None:
    broken = [link for link in _links(file) if not _leads_somewhere(file, link)]

    assert broken == []


@pytest.mark.parametrize("file", FILES, ids=str)
def test_files_that_are_named_exist(file: Path) -> None:
    prose = CODE_BLOCK.sub("", (ROOT / file).read_text())
    named = [name for name in NAMED.findall(prose) if not ELSEWHERE.match(name)]

    assert [name for name in named if _is_of_ours(name) and not _exists(file, name)] == []


def _links(file: Path) -> list[str]:
    found = LINK.findall((ROOT / file).read_text())
    return [link for link in found if not link.startswith(("http://", "https://", "mailto:"))]


def _leads_somewhere(file: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = ROOT / file.parent / path if path else ROOT / file
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(file: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def _is_of_ours(name: str) -> bool:
    return "/" not in name.rstrip("/") or name.split("/")[0] in TOP_LEVEL


def _exists(file: Path, name: str) -> bool:
    """From the root or beside the file. A name alone: in the folder that the file is about, which may be all."""
    here = (ROOT / file).parent
    if any(next(folder.glob(name.rstrip("/")), None) for folder in (ROOT, here)):
        return True
    if "/" in name.rstrip("/"):
        return False
    about = [ROOT / each for each in TOP_LEVEL] if file.parts[0] == "docs" or here == ROOT else [here]
    return any(next(folder.rglob(name), None) for folder in about)
