"""Synonyms that a merchant maintains in a file: parsed with errors by line, and applied to a search.

The file has one rule per line in the format of Solr and Elasticsearch: `soda, lemonade` are equivalent; `tea => tea,
chai` replaces the term on the left, and not the other way round; `#` starts a comment.

They are applied when searching, not when indexing: a new file applies from the next search, no document is indexed
again, and no plugin of Elasticsearch is needed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from search.text.words import singular, words

SYNONYMS_INDEX = "products_synonyms"
"""The index with one document per version of the file, by number, and the `current` one."""

CURRENT = "current"

MOST_RULES = 5_000
MOST_TERMS = 50
"""On each side of a rule."""
MOST_WORDS = 6
"""In one term."""
MOST_BEGUN = 40
"""Synonyms of the terms that begin with a given beginning."""

Key = tuple[str, ...]


class BadSynonyms(Exception):
    """The file is invalid. Each of `faults` has the number of its line, from 1, and the error."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {fault}" for line, fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Slot:
    """One term of a search: its words, and its synonyms. With `is_replaced`, only the synonyms are searched."""

    words: tuple[str, ...]
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
        self._words: dict[str, None] = {}
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
        self.vocabulary = tuple(self._words)
        """All words of the terms that rules apply to, to which misspelt words are corrected."""
        self._singulars = frozenset(map(singular, self._words))
        self._sorted = sorted(" ".join(key) for key in self._entries)

    def slots(self, written: Sequence[str]) -> Iterator[Slot]:
        """The terms of a text of these words: words, or the longest sequences of words that a rule applies to."""
        keys, at = [singular(each) for each in written], 0
        while at < len(written):
            for length in range(min(self._longest, len(written) - at), 0, -1):
                entry = self._entries.get(tuple(keys[at : at + length]))
                if entry is not None:
                    yield Slot(tuple(written[at : at + length]), tuple(entry.terms), not entry.keeps_itself)
                    at += length
                    break
            else:
                yield Slot((written[at],))
                at += 1

    def has_word(self, word: str) -> bool:
        """Whether a term that a rule applies to has this word, in singular or plural."""
        return singular(word) in self._singulars

    def begun(self, beginning: str) -> list[str]:
        """The synonyms of all terms that begin with `beginning`; at most MOST_BEGUN."""
        found: dict[str, None] = {}
        for key in self._sorted[bisect_left(self._sorted, beginning) :]:
            if not key.startswith(beginning) or len(found) >= MOST_BEGUN:
                break
            found.update(self._entries[tuple(key.split())].terms)
        return list(found)[:MOST_BEGUN]

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
        self._words.update(dict.fromkeys(source.split()))
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
