"""ARCHITECTURE.md has a row for every folder and every room."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text()
NOT_ROOMS = ("benchmarks", "tests")


def test_every_folder_has_a_row() -> None:
    folders = [path.parent.name for path in ROOT.glob("*/__init__.py")]

    assert [name for name in folders if f"\n| `{name}/` |" not in TEXT] == []


def test_every_room_has_a_row() -> None:
    rooms = [path.parent.relative_to(ROOT) for path in ROOT.glob("*/*/__init__.py")]

    assert [str(room) for room in rooms if room.parts[0] not in NOT_ROOMS and f"\n| `{room}/` |" not in TEXT] == []
