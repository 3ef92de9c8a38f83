"""Slugs of categories. Those made of names are for rows from before categories had slugs."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

SLUG_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
"""A regular expression of the slugs of categories."""

MAX_SLUG = 64
"""Characters of a slug, like those of a SKU."""

_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Latin letters that Unicode does not decompose."""

_HASH_DIGITS = 8


def slug_of(name: str) -> str:
    """The slug of a category with this name: the same for all spellings that differ in case, accents and punctuation.

    It ends with a hash of the name if letters have no Latin form or it would be too long, so that other names have
    other slugs.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    is_whole = slug and all(letter.isascii() for letter in bare if letter.isalnum())
    if is_whole and len(slug) <= MAX_SLUG:
        return slug
    digest = sha256(bare.encode(errors="surrogatepass")).hexdigest()[:_HASH_DIGITS]
    return f"{slug[: MAX_SLUG - _HASH_DIGITS - 1].strip('-') or 'category'}-{digest}"
