"""How a text is searched: its terms, and how many of them a product must have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from search.codes import split_sizes
from search.synonyms import Synonyms
from search.words import BEGINNING, FUNCTION_WORDS, has_digit, words_and_beginnings

MAX_TERMS = 20
"""Of a text; further ones are not searched."""

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
        return self.written not in FUNCTION_WORDS or bool(self.others) or self.is_beginning


class Level(Enum):
    """Which products match a text. A level is used only if those before it find nothing.

    A product has a term *strongly* in its name, type, categories or codes, and weakly in its description or unit.
    """

    STRICT = "strict"
    """All terms, the last one strongly: a mug whose description mentions coffee is no coffee, and a mouse for a laptop
    no gaming laptop; a shirt that is described as cotton is a cotton shirt."""

    LOOSE = "loose"
    """All terms, any one of them strongly."""

    ANYWHERE = "anywhere"
    """All terms."""

    SOME = "some"
    """Some of the terms, all strongly."""


@dataclass(frozen=True)
class Reading:
    """A text with corrections, in which `*` ends the beginning of a word, and the level at which it is searched.

    `least` is the number of terms that a product needs at the level SOME.
    """

    text: str
    level: Level = Level.STRICT
    least: int = 0

    def correction_of(self, text: str, synonyms: Synonyms) -> str | None:
        """This reading as a text to show, if it has other words than `text`."""
        shown = self.text.replace(BEGINNING, "")
        return shown if shown != " ".join(each.written for each in terms(text, synonyms)) else None

    def to_json(self) -> list[Any]:
        """The reading as JSON values."""
        return [self.text, self.level.value, self.least]

    @classmethod
    def from_json(cls, values: Any) -> Reading:
        """The reading that `to_json` returned. Raises ValueError."""
        match values:
            case [str(text), str(level), int(least)] if type(least) is int:
                return cls(text, Level(level), least)
            case _:
                raise ValueError(values)


def terms(text: str, synonyms: Synonyms) -> list[Term]:
    """The terms of a text, at most MAX_TERMS."""
    found: list[Term] = []
    for piece, size in split_sizes(text):
        if size is None:
            found.extend(_terms(piece, synonyms))
        else:
            found.append(Term(piece, size=size))
    return found[:MAX_TERMS]


def needed(found: Sequence[Term]) -> list[Term]:
    """The terms that a product needs: all if none is more than an article."""
    return [each for each in found if each.is_needed] or list(found)


def as_beginning(term: Term, synonyms: Synonyms) -> Term:
    """The term as the beginning of a word, with the synonyms of what it may become."""
    others = synonyms.begun(term.written) if len(term.written) >= _SHORTEST_BEGUN_SYNONYM else []
    return Term(term.written, tuple(dict.fromkeys([*term.others, *others])), is_beginning=True)


def begun(text: str) -> str:
    """The text with each word marked as a beginning."""
    pieces = (
        piece if size else " ".join(each.removesuffix(BEGINNING) + BEGINNING for each in words_and_beginnings(piece))
        for piece, size in split_sizes(text)
    )
    return " ".join(pieces)


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
