"""Synonyms that a merchant keeps in a file: read with their faults named by line, and applied to a search.

The file has one rule a line, as Solr and Elasticsearch have them: `soda, lemonade` are looked for alike; `tea => tea,
chai` says what is looked for instead of what is on the left, and nothing the other way round; `#` begins a comment.

They are applied to what is searched for, not to what is indexed: a new file counts from the next search on, no document
is written anew, and every Elasticsearch does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from search.words import singular, words

SYNONYMS_INDEX = "products_synonyms"
"""The index with one document for each version of the file, by its number, and the `current` one."""

CURRENT = "current"

MOST_RULES = 5_000
MOST_TERMS = 50
"""In one rule, on each of its sides."""
MOST_WORDS = 6
"""In one term."""

Key = tuple[str, ...]


class BadSynonyms(Exception):
    """The file cannot be used. `faults` say why, each with the number of its line, from 1."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {fault}" for line, fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Slot:
    """One thing of those that are looked for: as it was written, and what else is looked for in its place.

    When `is_replaced`, what was written is not looked for itself.
    """

    written: str
    others: tuple[str, ...] = ()
    is_replaced: bool = False


@dataclass
class _Entry:
    terms: dict[str, None] = field(default_factory=dict)
    keeps_itself: bool = False


class Synonyms:
    """The rules, by the words they apply to, in whatever number those are."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        """Raises BadSynonyms."""
        self._entries: dict[Key, _Entry] = {}
        self.rules = 0
        faults: list[tuple[int, str]] = []
        for number, line in enumerate(lines, 1):
            try:
                self._read(line.partition("#")[0].strip())
            except ValueError as error:
                faults.append((number, str(error)))
        if self.rules > MOST_RULES:
            faults.append((0, f"there are {self.rules} rules; the most is {MOST_RULES}"))
        if faults:
            raise BadSynonyms(faults)
        self._longest = max((len(key) for key in self._entries), default=0)

    def slots(self, text: str) -> list[Slot]:
        """The words of a text, those together to which a rule applies; longer ones go first."""
        return list(self._slots(words(text)))

    def knows(self, word: str) -> bool:
        """Whether a rule applies to this one word."""
        return (singular(word),) in self._entries

    def _slots(self, found: list[str]) -> Iterator[Slot]:
        keys, at = [singular(each) for each in found], 0
        while at < len(found):
            for length in range(min(self._longest, len(found) - at), 0, -1):
                entry = self._entries.get(tuple(keys[at : at + length]))
                if entry is not None:
                    written = " ".join(found[at : at + length])
                    yield Slot(written, tuple(entry.terms), is_replaced=not entry.keeps_itself)
                    at += length
                    break
            else:
                yield Slot(found[at])
                at += 1

    def _read(self, rule: str) -> None:
        if not rule:
            return
        self.rules += 1
        left, arrow, right = rule.partition("=>")
        if "=>" in right:
            raise ValueError("there is more than one =>")
        sources = _terms(left)
        targets = _terms(right) if arrow else sources
        if not arrow and len({_key(each) for each in sources}) < 2:
            raise ValueError("a rule has two terms at least, or an =>")
        for source in sources:
            self._add(source, targets)

    def _add(self, source: str, targets: Sequence[str]) -> None:
        key = _key(source)
        entry = self._entries.setdefault(key, _Entry())
        for target in targets:
            if _key(target) == key:
                entry.keeps_itself = True
            else:
                entry.terms[target] = None


def _terms(side: str) -> list[str]:
    terms = [" ".join(words(each)) for each in side.split(",")]
    if not all(terms):
        raise ValueError("a term has no word")
    if len(terms) > MOST_TERMS:
        raise ValueError(f"there are {len(terms)} terms; the most is {MOST_TERMS}")
    if any(len(each.split()) > MOST_WORDS for each in terms):
        raise ValueError(f"a term has at most {MOST_WORDS} words")
    return terms


def _key(term: str) -> Key:
    return tuple(singular(each) for each in term.split())


NO_SYNONYMS = Synonyms()
