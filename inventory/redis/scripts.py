"""The Lua scripts, which Redis executes as a whole: see the comments at their beginning."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path


@dataclass(frozen=True)
class Script:
    """A script and the name under which Redis keeps it once it is loaded."""

    text: str

    @property
    def sha(self) -> str:
        """The argument of EVALSHA."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()


def _script(name: str) -> Script:
    return Script((Path(__file__).parent / name).read_text())


TAKE, SETTLE, FILL = _script("take.lua"), _script("settle.lua"), _script("fill.lua")
ALL = (TAKE, SETTLE, FILL)
