"""Whether what a message encloses is what it says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Final

from lastmile.alerting.cap import values
from lastmile.alerting.cap.findings import Finding, short
from lastmile.alerting.cap.model import Resource

DIGEST: Final = re.compile(r"[0-9a-fA-F]{40}")


def check(resource: Resource, where: str) -> Iterator[Finding]:
    digest = (resource.digest or "").strip()
    formed = DIGEST.fullmatch(digest) is not None
    if resource.digest is not None and not formed:
        yield Finding("digest_form", f"{where}/digest", {"value": short(digest)})
    if not (resource.uri or "").strip() and not (resource.derefUri or "").strip():
        yield Finding("resource_nowhere", where)
    if resource.derefUri is None:
        return
    data = enclosed(resource)
    if data is None:
        yield Finding("deref_form", f"{where}/derefUri")
        return
    if formed and hashlib.sha1(data, usedforsecurity=False).hexdigest() != digest.lower():
        yield Finding("digest_wrong", f"{where}/digest")
    size = values.decimal(resource.size or "")
    if size is not None and size != len(data):
        yield Finding("size_wrong", f"{where}/size", {"n": len(data), "size": resource.size})


def enclosed(resource: Resource) -> bytes | None:
    """The data inside the message; None when there is none or it is no base64."""
    if resource.derefUri is None:
        return None
    try:
        return base64.b64decode("".join(resource.derefUri.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
