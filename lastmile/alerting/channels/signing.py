"""Signatures on what goes to a gateway and what comes back: HMAC-SHA-256 over the time and the exact body.

X-Lastmile-Timestamp: 1626743280
X-Lastmile-Signature: sha256=<hex of HMAC(secret, timestamp + "." + body)>
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

TIMESTAMP = "X-Lastmile-Timestamp"
SIGNATURE = "X-Lastmile-Signature"
TOLERANCE = 300  # seconds between the two clocks


class Unsigned(Exception):
    """Why a body can't be trusted: `missing`, `old` or `wrong`."""


def signature(secret: str, timestamp: int, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def signed(secret: str, body: bytes, *, now: float) -> dict[str, str]:
    """The two headers for a body sent now."""
    timestamp = int(now)
    return {TIMESTAMP: str(timestamp), SIGNATURE: signature(secret, timestamp, body)}


def verify(
    secret: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: float,
    names: tuple[str, str] = (TIMESTAMP, SIGNATURE),
) -> None:
    """Return if the body was signed with the secret within five minutes of now. Raises Unsigned with the reason.

    Header names may come in any case; `names` are those of the time and the signature. The comparison takes the same
    time wherever the first difference lies.
    """
    found = {name.lower(): value for name, value in headers.items()}
    stamp, given = (found.get(name.lower(), "") for name in names)
    if not secret or not given or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Unsigned("missing")
    expected = signature(secret, int(stamp), body).removeprefix("sha256=")
    if not hmac.compare_digest(expected.encode(), given.removeprefix("sha256=").encode("utf-8", "replace")):
        raise Unsigned("wrong")
    if abs(now - int(stamp)) > TOLERANCE:
        raise Unsigned("old")
