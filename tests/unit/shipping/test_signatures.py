"""Carriers' messages are signed as Standard Webhooks specify."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from shipping.carriers.signatures import TOLERANCE_S, is_signed, read_secrets, sign

PUBLISHED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SENT = datetime.fromtimestamp(TIMESTAMP, UTC)

[SECRET] = read_secrets(f"dhl={PUBLISHED}")["dhl"]


def test_the_signature_is_that_of_the_specification() -> None:
    assert sign(SECRET, MESSAGE, TIMESTAMP, BODY) == SIGNATURE


@pytest.mark.parametrize(
    ("signatures", "is_valid"),
    [
        (SIGNATURE, True),
        (f"v1,bm9uZQ== {SIGNATURE}", True),
        (f"v1a,{SIGNATURE}", False),
        (SIGNATURE.removeprefix("v1,"), False),
        ("", False),
        ("é", False),
    ],
)
def test_one_of_the_signatures_is_enough(signatures: str, is_valid: bool) -> None:
    assert is_signed([b"x" * 24, SECRET], MESSAGE, str(TIMESTAMP), signatures, BODY, SENT) is is_valid


@pytest.mark.parametrize(
    "other",
    [
        {"message_id": "msg_2"},
        {"timestamp": str(TIMESTAMP + 1)},
        {"timestamp": "²"},
        {"timestamp": ""},
        {"timestamp": "9" * 30},
        {"body": BODY + b" "},
        {"secrets": [b"x" * 24]},
        {"moment": SENT + timedelta(seconds=TOLERANCE_S + 1)},
        {"moment": SENT - timedelta(seconds=TOLERANCE_S + 1)},
    ],
    ids=str,
)
def test_another_message_is_not_signed(other: dict) -> None:  # type: ignore[type-arg]
    whole = {
        "secrets": [SECRET],
        "message_id": MESSAGE,
        "timestamp": str(TIMESTAMP),
        "signatures": SIGNATURE,
        "body": BODY,
        "moment": SENT,
    }

    assert is_signed(**whole)  # type: ignore[arg-type]
    assert not is_signed(**whole | other)


def test_a_carrier_may_have_several_secrets() -> None:
    other = f"whsec_{b64encode(b'y' * 24).decode()}"

    assert read_secrets(f"dhl={PUBLISHED}, ups={other},dhl={other},") == {
        "dhl": [SECRET, b"y" * 24],
        "ups": [b"y" * 24],
    }
    assert read_secrets("") == {}


@pytest.mark.parametrize(
    "text", ["dhl", "dhl=secret", "dhl=whsec_!", "=whsec_MDEyMzQ1Njc4OWFiY2RlZg==", "dhl=whsec_c2hvcnQ="]
)
def test_a_malformed_secret_stops_the_process(text: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|base64"):
        read_secrets(text)
