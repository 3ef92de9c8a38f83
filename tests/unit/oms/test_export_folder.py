"""One export at a time into a folder, and what an interrupted one left is not continued silently."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from oms.company.exporting import export_command
from oms.company.exporting.export_command import export_folder
from oms.company.exporting.folder_lock import LOCK_FILE, FolderInUse, interrupted_at, locked

HOLD = """
import fcntl, sys
with open(sys.argv[1], "ab") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_an_export_into_a_folder_of_another_process_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = [sys.executable, "-c", HOLD, str(tmp_path / LOCK_FILE)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"

        with pytest.raises(typer.Exit) as ended:
            export_folder(tmp_path)

        other.communicate("")
    assert ended.value.exit_code == 1
    assert "another export" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == [LOCK_FILE]


def test_the_lock_ends_with_its_block(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(FolderInUse), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_an_export_that_goes_on_says_since_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_interrupted: bool
) -> None:
    async def nothing(_: Path) -> dict[str, int]:
        return {}

    monkeypatch.setattr(export_command, "export_with_bars", nothing)
    time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    if is_interrupted:
        for name, age_s in (("orders", 60), ("products", 0)):
            part = tmp_path / f"{name}.jsonl.part"
            part.touch()
            os.utime(part, (time.timestamp() - age_s,) * 2)
    assert interrupted_at(tmp_path) == (time if is_interrupted else None)

    export_folder(tmp_path)

    assert ("interrupted at 2026-01-02 03:04:05.000 UTC" in capsys.readouterr().out) == is_interrupted
