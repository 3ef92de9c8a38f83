"""How much one request may ask for. `settings.limits` reads the limits from the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for at most; time is in seconds.

    A document has at most `tokens`, and of its selections at most `depth` lie in each other and `aliases` have one. The
    answer has at most `cost` objects (see `gateway/operations/cost.py`) and takes at most `timeout_s`.
    """

    body_bytes: int = 131_072
    tokens: int = 1000
    depth: int = 12
    aliases: int = 30
    cost: int = 25_000
    timeout_s: float = 10.0
    has_introspection: bool = True
