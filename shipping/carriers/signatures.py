"""The signatures of carriers' messages, as Standard Webhooks specify them: HMAC-SHA256 of id, time and body.

Source: the specification 1.0.0 of Standard Webhooks, "Signature scheme".
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping, Sequence
from datetime import datetime

TOLERANCE_S = 300
"""How far the time of a message may be from now, in both directions: an older one may be replayed by a stranger."""

_PREFIX, _VERSION = "whsec_", "v1,"

Secrets = Mapping[str, Sequence[bytes]]
"""The secrets of each carrier: several while one is replaced by another."""


def read_secrets(text: str) -> Secrets:
    """Secrets such as `dhl=whsec_…,ups=whsec_…`; a carrier may have several. Raises ValueError."""
    found: dict[str, list[bytes]] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        carrier, _, secret = part.partition("=")
        try:
            key = b64decode(secret.removeprefix(_PREFIX), validate=True)
        except Error as error:
            raise ValueError(f"the secret of {carrier} is not base64") from error
        if not carrier or not secret.startswith(_PREFIX) or len(key) < 16:
            raise ValueError("expected carrier=whsec_ with a secret of at least 16 bytes in base64")
        found.setdefault(carrier, []).append(key)
    return found


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message, as its header has it."""
    signed = hmac.digest(secret, f"{message_id}.{timestamp}.".encode() + body, "sha256")
    return _VERSION + b64encode(signed).decode()


def is_signed(
    secrets: Sequence[bytes], message_id: str, timestamp: str, signatures: str, body: bytes, moment: datetime
) -> bool:
    """Whether one of the signatures is of one of the secrets, and the message is of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        return False
    if abs(moment.timestamp() - int(timestamp)) > TOLERANCE_S:
        return False
    expected = [sign(secret, message_id, int(timestamp), body).encode() for secret in secrets]
    given = [each.encode() for each in signatures.split(" ")]
    return any(hmac.compare_digest(one, other) for one in expected for other in given)
