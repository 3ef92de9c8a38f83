"""What to search for when no product has a text as written: unfinished, misspelt, joined or fewer words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from search.text.codes import joined
from search.text.corrections import correction
from search.text.query import anywhere, strongly, whole_codes
from search.text.reading import Level, Reading, Term, as_beginning, needed, terms, with_few_synonyms
from search.text.synonyms import Synonyms
from search.text.words import BEGINNING, has_digit

Clause = dict[str, Any]

_RESEMBLING = {"suggest_mode": "missing", "prefix_length": 0, "min_word_length": 3, "size": 10}
_SHORTEST_MISSPELT_BEGINNING = 5


class _Count(msgspec.Struct):
    doc_count: int


class _Counts(msgspec.Struct):
    buckets: dict[str, _Count]


class _Aggregations(msgspec.Struct):
    terms: _Counts


class _Option(msgspec.Struct):
    text: str


class _Suggestion(msgspec.Struct):
    text: str
    options: list[_Option]


class _Suggestions(msgspec.Struct, frozen=True):
    spelling: tuple[_Suggestion, ...] = ()
    beginnings: tuple[_Suggestion, ...] = ()


class _Response(msgspec.Struct):
    aggregations: _Aggregations | None = None
    suggest: _Suggestions = _Suggestions()


@dataclass(frozen=True)
class _Word:
    """A term as it can be searched; `text` is None if no product has it."""

    term: Term
    text: str | None
    is_whole: bool = True
    covers: int = 1
    """Terms of the text that it replaces."""


async def other_readings(
    text: str,
    synonyms: Synonyms,
    filters: Sequence[Clause],
    execute: Callable[[Clause], Awaitable[bytes]],
    *,
    is_unfinished: bool = False,
) -> list[Reading]:
    """The readings to try when the text as written finds nothing, in this order.

    Of an unfinished text, beginnings of words may be misspelt too. Raises what `execute` raises.
    """
    found = terms(text, synonyms)
    if not found:
        return []
    response = _read(await execute(_diagnosis(found, synonyms, filters)))
    return _readings(found, _words(found, response, synonyms, is_unfinished=is_unfinished))


def _diagnosis(found: Sequence[Term], synonyms: Synonyms, filters: Sequence[Clause]) -> Clause:
    """The body of the request: how many products have each term, as a word and as a beginning, or two terms as one.

    It returns words that resemble those that no product has, and beginnings of words.
    """
    counted: dict[str, Clause] = {}
    for at, term in enumerate(found):
        counted[f"whole {at}"] = anywhere(term)
        if term.size is not None:
            continue
        begins = strongly(with_few_synonyms(as_beginning(term, synonyms), len(found)))
        if len(found) == 1:
            begins += whole_codes(term.written + BEGINNING)
        counted[f"beginning {at}"] = {"bool": {"should": begins, "minimum_should_match": 1}}
        if at + 1 < len(found) and found[at + 1].size is None:
            counted[f"joined {at}"] = anywhere(_joined(term, found[at + 1], synonyms))
    misspelt = [each.written for each in found if _may_be_misspelt(each)]
    body: Clause = {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": list(filters)}},
        "aggs": {"terms": {"filters": {"filters": counted}}},
    }
    if misspelt:
        body["suggest"] = {
            "text": " ".join(misspelt),
            "spelling": {"term": {"field": "spelling", "max_edits": 2, **_RESEMBLING}},
            "beginnings": {"term": {"field": "name.beginnings", "max_edits": 1, "analyzer": "plain", **_RESEMBLING}},
        }
    return body


def _readings(found: Sequence[Term], words: Sequence[_Word]) -> list[Reading]:
    of_need = [each for each in words if each.term in needed(found)]
    if any(each.text is None for each in of_need):
        return list(_without_unknown(of_need))
    text = " ".join(each.text for each in words if each.text is not None)
    all_of_them = [Reading(text)] if text != " ".join(each.written for each in found) else []
    if len(of_need) == 1:
        return [*all_of_them, Reading(text, Level.ANYWHERE)]
    loose, anywhere_in_it = Reading(text, Level.LOOSE), Reading(text, Level.ANYWHERE)
    if all(each.is_whole for each in of_need):
        return [*all_of_them, loose, Reading(text, Level.HEAD), anywhere_in_it]
    return [*all_of_them, loose, anywhere_in_it, *_without_unknown(of_need)]


def _without_unknown(words: Sequence[_Word]) -> Iterator[Reading]:
    """Without the words that no product has: of two words, either; of more, if at least the last one is known.

    The last one says what the rest describes, as in `gluten free pasta`.
    """
    known = [each.text for each in words if each.text is not None and each.is_whole]
    if known and (len(words) == 2 or known[-1] == words[-1].text):
        yield Reading(" ".join(known), Level.FEWER)


def _words(found: Sequence[Term], response: _Response, synonyms: Synonyms, *, is_unfinished: bool) -> list[_Word]:
    counts = response.aggregations.terms.buckets if response.aggregations else {}
    spelling, beginnings = _options(response.suggest.spelling), _options(response.suggest.beginnings)

    def has(kind: str, at: int) -> bool:
        return f"{kind} {at}" in counts and counts[f"{kind} {at}"].doc_count > 0

    words: list[_Word] = []
    at = 0
    while at < len(found):
        term = found[at]
        if not term.is_needed:
            words.append(_Word(term, term.written))
        elif has("joined", at) and not (has("whole", at) and has("whole", at + 1)):
            words.append(_Word(term, _joined(term, found[at + 1], synonyms).written, covers=2))
        elif has("whole", at):
            words.append(_Word(term, term.written + (BEGINNING if term.is_beginning else "")))
        elif has("beginning", at):
            words.append(_Word(term, term.written + BEGINNING, is_whole=False))
        elif _may_be_misspelt(term) and synonyms.has_word(term.written):  # part of a term: `bears`, of `gummy bears`
            words.append(_Word(term, term.written, is_whole=False))
        else:
            better = _corrected(term, spelling, synonyms)
            if better is None and is_unfinished and len(term.written) >= _SHORTEST_MISSPELT_BEGINNING:
                better = correction(term.written, beginnings.get(term.written, ()), ())
            words.append(_Word(term, better))
        at += words[-1].covers
    return words


def _options(suggestions: Sequence[_Suggestion]) -> dict[str, list[str]]:
    return {each.text: [option.text for option in each.options] for each in suggestions}


def _corrected(term: Term, options: Mapping[str, Sequence[str]], synonyms: Synonyms) -> str | None:
    if not _may_be_misspelt(term):
        return None
    return correction(term.written, options.get(term.written, ()), synonyms.vocabulary)


def _joined(term: Term, following: Term, synonyms: Synonyms) -> Term:
    [both] = terms(joined(term.written + following.written), synonyms)
    return both


def _may_be_misspelt(term: Term) -> bool:
    return term.size is None and not has_digit(term.written) and " " not in term.written


_read = msgspec.json.Decoder(_Response).decode
