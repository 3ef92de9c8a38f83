"""An email address is kept in one way, and what can break a mail's header never is one."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.types.emails import Email

ADAPTER: TypeAdapter[str] = TypeAdapter(Email)
LOCALS = st.text(st.sampled_from("aZ09.+-_'!#é漢\"\\@ ,;:<>()\n\u00a0\u200b\u202e"), max_size=12)
DOMAINS = st.sampled_from(
    ["b.example", "B.EXAMPLE", "bücher.example", "docomo.ne.jp", "x", "", "-.example", "b..example"]
)


@given(st.emails())
@example("a..b@docomo.ne.jp")
@example("a.@docomo.ne.jp")
def test_every_address_of_the_standard_is_accepted_and_stays_as_it_is_stored(email: str) -> None:
    stored = ADAPTER.validate_python(email)

    assert ADAPTER.validate_python(stored) == stored
    assert ADAPTER.validate_python(email.upper()) == stored


@given(LOCALS, DOMAINS)
@example("a\r\nBcc: c", "b.example")
@example('"a b"', "b.example")
@example(".", "b.example")
def test_what_is_accepted_is_one_address_without_blanks(local: str, domain: str) -> None:
    try:
        stored = ADAPTER.validate_python(f"{local}@{domain}")
    except ValidationError:
        return

    unquoted, _, of_domain = stored.rpartition("@")
    assert unquoted.strip(".")
    assert "." in of_domain
    assert stored == unicodedata.normalize("NFC", stored).lower()
    assert not any(character.isspace() or unicodedata.category(character) in ("Cc", "Cf") for character in stored)
    assert unquoted.startswith('"') or not set('@,;:<>()"\\') & set(unquoted)
    assert ADAPTER.validate_python(stored) == stored
