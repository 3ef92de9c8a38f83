"""The words of a search, split and folded as the index does, so that synonyms match."""

from __future__ import annotations

import re
import unicodedata

BEGINNING = "*"
"""After a word, which may then be the beginning of one."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORD_OR_BEGINNING = re.compile(_WORD.pattern + r"\*?")
_FOLDED_BY_HAND = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th"})
_ELISION = re.compile(r"^(?:l|m|t|qu|n|s|j|d|c|jusqu|quoiqu|lorsqu|puisqu)'")
_STAYS = ("ss", "us", "is")

_FUNCTION_WORDS = """
    a an and at by for from in of on or the to with without
    aus das dem den der die ein eine fur im mit ohne und von zu
    au aux avec de des du en et la le les ou pour sans un une
    con da del di e el las los o para por sin una y
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words of English, German, French, Italian and Spanish that products need not have, folded."""


def words(text: str) -> list[str]:
    """The words of a text in order, in lower case, without accents and possessive endings."""
    return [_word(each) for each in _WORD.findall(folded(text))]


def words_and_beginnings(text: str) -> list[str]:
    """The words of a text as `words` returns them; those that end in `*` keep it."""
    return [
        _word(each.removesuffix(BEGINNING)) + (BEGINNING if each.endswith(BEGINNING) else "")
        for each in _WORD_OR_BEGINNING.findall(folded(text))
    ]


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
    """Whether the word may be part of a SKU or a size, for which no spelling is corrected."""
    return any(character.isdigit() for character in word)


def folded(text: str) -> str:
    """The text in lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(_FOLDED_BY_HAND))
    return "".join(each for each in apart if not unicodedata.combining(each))


def _word(of_folded: str) -> str:
    return _ELISION.sub("", of_folded.replace("’", "'").removesuffix("'s"))
