"""How a text is searched: its terms, and how many of them a product must have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from search.text.codes import split_sizes
from search.text.synonyms import Synonyms
from search.text.words import BEGINNING, FUNCTION_WORDS, folded, has_digit, words, words_and_beginnings

MAX_TERMS = 20
"""Of a text; further ones are not searched."""

MAX_SYNONYMS = 60
"""Of all terms of a text together; Elasticsearch limits the clauses of a query."""

_SHORTEST_BEGUN_SYNONYM = 3


@dataclass(frozen=True)
class Term:
    """One word, or several that are searched as one: a size, a term that the synonyms know, or with hyphens a number.

    `others` are its synonyms, and only they are searched with `is_replaced`. With `is_beginning`, words that begin with
    it match too. `size` is a size in its base unit.
    """

    written: str
    others: tuple[str, ...] = ()
    is_replaced: bool = False
    is_beginning: bool = False
    size: str | None = None

    @property
    def is_needed(self) -> bool:
        """Whether products need it: they need no articles and the like."""
        return self.written not in FUNCTION_WORDS or self.is_beginning


class Level(Enum):
    """Which products match a text. A level is used only if those before it find nothing.

    A product has a term *strongly* in its name, type, categories or codes, and weakly in its description or unit. The
    *head* is the last term that is not a number: the one that the others describe.
    """

    STRICT = "strict"
    """All terms, the head strongly: a mug whose description mentions coffee is not coffee, and a mouse for a laptop not
    a gaming laptop; a shirt that is described as cotton is a cotton shirt."""

    FEWER = "fewer"
    """As STRICT, for a part of a text, which is not the SKU of a product."""

    LOOSE = "loose"
    """All terms, any one of them strongly."""

    HEAD = "head"
    """The head strongly; products with other terms come first."""

    ANYWHERE = "anywhere"
    """All terms."""

    EACH = "each"
    """All terms strongly."""


@dataclass(frozen=True)
class Reading:
    """A text with corrections, in which `*` ends the beginning of a word, and the level at which it is searched."""

    text: str
    level: Level = Level.STRICT

    def correction_of(self, text: str, synonyms: Synonyms) -> str | None:
        """This reading as a text to show, if it has other words than `text`."""
        shown = self.text.replace(BEGINNING, "")
        return shown if shown != " ".join(each.written for each in terms(text, synonyms)) else None

    def to_json(self) -> list[Any]:
        """The reading as JSON values."""
        return [self.text, self.level.value]

    @classmethod
    def from_json(cls, values: Any) -> Reading:
        """The reading that `to_json` returned. Raises ValueError."""
        match values:
            case [str(text), str(level)]:
                return cls(text, Level(level))
            case _:
                raise ValueError(values)


def terms(text: str, synonyms: Synonyms) -> list[Term]:
    """The terms of a text, at most MAX_TERMS."""
    found: list[Term] = []
    for piece, size in split_sizes(folded(text)):
        if size is None:
            found.extend(_terms(piece, synonyms))
        else:
            found.append(Term(piece, size=size))
    found = found[:MAX_TERMS]
    return [with_few_synonyms(each, len(found)) for each in found]


def with_few_synonyms(term: Term, count: int) -> Term:
    """The term with as many synonyms as each of `count` terms of a text may have."""
    return replace(term, others=term.others[: MAX_SYNONYMS // count])


def needed(found: Sequence[Term]) -> list[Term]:
    """The terms that a product needs: all if none is more than an article."""
    return [each for each in found if each.is_needed] or list(found)


def head(found: Sequence[Term]) -> Term | None:
    """The last term that is not a number, else the last one; a size is neither."""
    of_words = [each for each in found if each.size is None]
    return next(
        (each for each in reversed(of_words) if not has_digit(each.written)), of_words[-1] if of_words else None
    )


def as_beginning(term: Term, synonyms: Synonyms) -> Term:
    """The term as the beginning of a word, with the synonyms of what it may become."""
    others = synonyms.begun(term.written) if len(term.written) >= _SHORTEST_BEGUN_SYNONYM else []
    return Term(term.written, tuple(dict.fromkeys([*term.others, *others])), is_beginning=True)


def begun(text: str) -> str:
    """The text with each word marked as a beginning, except for articles and the like before others."""
    pieces: list[str] = []
    for piece, size in split_sizes(text):
        chunks = [piece] if size else ["-".join(words(each)) + BEGINNING for each in piece.split()]
        pieces += [each for each in chunks if each != BEGINNING]
    return " ".join(
        [*(each for each in pieces[:-1] if each.removesuffix(BEGINNING) not in FUNCTION_WORDS), *pieces[-1:]]
    )


def _terms(piece: str, synonyms: Synonyms) -> Iterator[Term]:
    """Model numbers and the like are terms of their own; the words between them may be terms that synonyms know."""
    waiting: list[str] = []
    for chunk in piece.split():
        found = words_and_beginnings(chunk)
        if len(found) > 1 and has_digit(chunk):
            yield from _terms_of_words(waiting, synonyms)
            waiting = []
            written = "-".join(each.removesuffix(BEGINNING) for each in found)
            yield Term(written, is_beginning=found[-1].endswith(BEGINNING))
        else:
            waiting += found
    yield from _terms_of_words(waiting, synonyms)


def _terms_of_words(found: list[str], synonyms: Synonyms) -> Iterator[Term]:
    at = 0
    for slot in synonyms.slots([each.removesuffix(BEGINNING) for each in found]):
        at += len(slot.words)
        written = " ".join(slot.words)
        term = Term(written, slot.others, slot.is_replaced)
        yield as_beginning(term, synonyms) if found[at - 1].endswith(BEGINNING) else term
