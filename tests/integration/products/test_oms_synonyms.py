"""`oms synonyms`: a merchant's file is checked, put in force without downtime, kept, and brought back."""

from __future__ import annotations

from pathlib import Path

from tests.support.system.commands import oms

BEFORE = "# drinks\ntea => tea, chai\n"


async def test_a_file_is_put_in_force_and_an_earlier_one_can_be_had_again(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_text(BEFORE)
    first = await oms("synonyms", "apply", str(file))
    file.write_text("soda, lemonade\ncoffee, java\n")
    second = await oms("synonyms", "apply", str(file))

    now, earlier = await oms("synonyms", "show"), await oms("synonyms", "show", "--version", "1")

    assert (first[0], second[0]) == (0, 0), (first, second)
    assert "applied 1 rules as version 1" in first[1]
    assert (now[0], now[1].split()) == (0, ["soda,", "lemonade", "coffee,", "java"])
    assert (earlier[0], earlier[1].split()) == (0, BEFORE.split())


async def test_a_file_with_faults_is_refused_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_text("tea, chai\nalone\na => b => c\n")

    code, said = await oms("synonyms", "apply", str(file))

    assert code == 1
    assert "synonyms.txt:2:" in said.replace("\n", "")
    assert "synonyms.txt:3:" in said.replace("\n", "")
