"""How many partitions a topic gets that is not there yet."""

from __future__ import annotations

import pytest

from oms.prepare.topics import partitions_of_new_topic


@pytest.mark.parametrize(
    ("present", "setting", "expected"),
    [({}, None, 3), ({}, "12", 12), ({"order": [0, 1, 2, 3]}, None, 4), ({"order": [0, 1, 2, 3]}, "12", 4)],
    ids=["as the catalogue says", "as the setting says", "as the others have", "as the others have all the same"],
)
def test_a_new_topic_is_shared_out_as_the_others_are(
    monkeypatch: pytest.MonkeyPatch, present: dict[str, list[int]], setting: str | None, expected: int
) -> None:
    monkeypatch.delenv("OMS_PARTITIONS", raising=False)
    if setting:
        monkeypatch.setenv("OMS_PARTITIONS", setting)

    assert partitions_of_new_topic(present) == expected
