"""Nobody makes a consumer of aiokafka's, whose `stop` may never return."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_consumer_is_ours() -> None:
    ours = [path.relative_to(ROOT) for path in ROOT.rglob("*.py")]
    ours = [path for path in ours if not any(part.startswith(".") for part in path.parts)]
    found = [path for path in ours if "AIOKafkaConsumer(" in (ROOT / path).read_text()]

    assert len(ours) > 500
    assert [path for path in found if path.parts[0] != "benchmarks" and path != Path(__file__).relative_to(ROOT)] == []
