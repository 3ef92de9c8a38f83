"""Synonyms that a merchant maintains in a file: parsed with errors by line, and applied to a search.

The file has one rule per line in the format of Solr and Elasticsearch: `soda, lemonade` are equivalent; `tea => tea,
chai` replaces the term on the left, and not the other way round; `#` starts a comment.

They are applied when searching, not when indexing: a new file applies from the next search, no document is indexed
again, and no plugin of Elasticsearch is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from search.words import singular, words

SYNONYMS_INDEX = "products_synonyms"
"""The index with one document per version of the file, by number, and the `current` one."""

CURRENT = "current"

MOST_RULES = 5_000
MOST_TERMS = 50
"""On each side of a rule."""
MOST_WORDS = 6
"""In one term."""

Key = tuple[str, ...]


class BadSynonyms(Exception):
    """The file is invalid. Each of `faults` has the number of its line, from 1, and the error."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {fault}" for line, fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Slot:
    """One term of a search: as written, and its synonyms. With `is_replaced`, only the synonyms are searched."""

    written: str
    others: tuple[str, ...] = ()
    is_replaced: bool = False


@dataclass
class _Entry:
    terms: dict[str, None] = field(default_factory=dict)
    keeps_itself: bool = False


class Synonyms:
    """The rules by the words that they apply to, in singular or plural."""

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
            faults.append((0, f"{self.rules} rules; the limit is {MOST_RULES}"))
        if faults:
            raise BadSynonyms(faults)
        self._longest = max((len(key) for key in self._entries), default=0)

    def slots(self, text: str) -> list[Slot]:
        """The terms of a text: words, or the longest sequences of words that a rule applies to."""
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
            raise ValueError("more than one =>")
        sources = _terms(left)
        targets = _terms(right) if arrow else sources
        if not arrow and len({_key(each) for each in sources}) < 2:
            raise ValueError("a rule needs at least two terms, or =>")
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
        raise ValueError("a term without a word")
    if len(terms) > MOST_TERMS:
        raise ValueError(f"{len(terms)} terms; the limit is {MOST_TERMS}")
    if any(len(each.split()) > MOST_WORDS for each in terms):
        raise ValueError(f"a term of more than {MOST_WORDS} words")
    return terms


def _key(term: str) -> Key:
    return tuple(singular(each) for each in term.split())


NO_SYNONYMS = Synonyms()
