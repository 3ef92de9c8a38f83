"""The words of a search, split and folded as the index does, so that synonyms match."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FOLDED_BY_HAND = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th"})
_ELISION = re.compile(r"^(?:l|m|t|qu|n|s|j|d|c|jusqu|quoiqu|lorsqu|puisqu)'")
_STAYS = ("ss", "us", "is")


def words(text: str) -> list[str]:
    """The words of a text in order, in lower case, without accents and possessive endings."""
    return [_folded(each) for each in _WORD.findall(text)]


def singular(word: str) -> str:
    """A form that the singular and the regular plural of an English word share; not always a word itself."""
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return word.removesuffix("s").removesuffix("ie") + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith(("che", "she")):
        return word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(_STAYS) else word


def has_digit(word: str) -> bool:
    """Whether the word may be part of a SKU or a measure, for which no spelling is corrected."""
    return any(character.isdigit() for character in word)


def _folded(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.lower().translate(_FOLDED_BY_HAND))
    folded = "".join(each for each in apart if not unicodedata.combining(each)).replace("’", "'")
    return _ELISION.sub("", folded.removesuffix("'s"))
