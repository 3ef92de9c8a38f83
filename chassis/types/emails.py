"""Email addresses as clients send them: those that mail servers deliver to, which are more than RFC 5321 allows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, WithJsonSchema

from chassis.types.schemas import component
from chassis.types.text import A_LINE, clean, clean_line, not_empty

SPECIAL_USE_DOMAIN_NAMES.clear()
"""Reserved domains, such as `.example` and `.local`, are in the data of shops, for customers without an address."""

_DOTS = re.compile(r"\.{2,}")
_NEEDLESSLY_QUOTED = re.compile(r'"([^"\\(),:;<>@\[\]]+)"')


def _email(text: str) -> str:
    """Normalize an email address.

    Dots may be at the ends of the local part and follow each other: Japanese carriers gave out `a..b@` and `a.@`.
    Blanks are refused, even in quotes, where RFC 5321 allows them. Raises ValueError.
    """
    text = clean(text)
    if any(character.isspace() for character in text):
        raise ValueError("An email address has no blanks.")
    local, at, domain = text.rpartition("@")
    if quoted := _NEEDLESSLY_QUOTED.fullmatch(local):
        local = quoted[1]
    checked = local if local.startswith('"') else _DOTS.sub(".", local.strip("."))
    try:
        found = validate_email(f"{checked}{at}{domain}", check_deliverability=False, allow_quoted_local=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return clean(f"{found.local_part if checked == local else local}@{found.domain}".lower())


@lru_cache(maxsize=1024)
def as_stored(email: str) -> str:
    """An email address in a filter, normalized like stored ones; an invalid one in lower case."""
    try:
        return _email(email)
    except ValueError:
        return email.lower()


MAX_EMAIL = 254
"""Characters of an email address: the limit of RFC 5321."""

SearchedEmail = Annotated[
    str,
    Field(max_length=MAX_EMAIL),
    AfterValidator(clean_line),
    AfterValidator(not_empty),
    AfterValidator(as_stored),
    WithJsonSchema(component("SearchedEmail", type="string", minLength=1, maxLength=MAX_EMAIL, pattern=A_LINE)),
]
"""The email address in a filter."""

Email = Annotated[
    str,
    Field(max_length=MAX_EMAIL),
    AfterValidator(_email),
    WithJsonSchema(
        component(
            "Email",
            type="string",
            format="email",
            maxLength=MAX_EMAIL,
            description="An email address; stored in lower case and Unicode NFC, unique. Unlike in RFC 5321, dots may "
            "be anywhere before the `@`.",
        )
    ),
]
"""An email address in lower case and Unicode NFC, so that it is unique however it is written."""
