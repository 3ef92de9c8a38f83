"""ARCHITECTURE.md has a row for every folder and every package."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "ARCHITECTURE.md").read_text()
NOT_PACKAGES = ("benchmarks", "tests")


def test_every_folder_has_a_row() -> None:
    folders = [path.parent.name for path in ROOT.glob("*/__init__.py")]

    assert [name for name in folders if f"\n| `{name}/` |" not in TEXT] == []


def test_every_package_has_a_row() -> None:
    packages = [path.parent.relative_to(ROOT) for path in ROOT.glob("*/*/__init__.py")]

    assert [
        str(package)
        for package in packages
        if package.parts[0] not in NOT_PACKAGES and f"\n| `{package}/` |" not in TEXT
    ] == []
