"""Where the command line has its passwords from."""

from __future__ import annotations

from pathlib import Path

from oms.environment import load_secrets


def test_the_shell_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("OMS_CDC_PASSWORD=from-file==\nOMS_REDIS_PASSWORD=also\nPATH=/nowhere\n\n# a remark\n")
    environ = {"OMS_REDIS_PASSWORD": "from-shell"}

    load_secrets(environ, file)

    assert environ == {"OMS_REDIS_PASSWORD": "from-shell", "OMS_CDC_PASSWORD": "from-file=="}


def test_no_file_adds_nothing(tmp_path: Path) -> None:
    environ: dict[str, str] = {}

    load_secrets(environ, tmp_path / "secrets.env")

    assert environ == {}
