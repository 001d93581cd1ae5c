"""What a preview showed, signed into its page: one more click stores exactly that, without the file."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor

KEPT = 3600  # seconds between the preview and the click


def sign(kind: str, who: Actor, *shown: Any) -> str:
    """`shown`, which must go into JSON, for a hidden field of the page; `kind` names what it is a preview of."""
    return signing.dumps([who.pk, *shown], salt=kind, compress=True)


def shown(kind: str, who: Actor, signed: str) -> list[Any]:
    """What `sign` was given. Raises Conflict when that is over an hour ago, was another's, or is none of ours."""
    found: list[Any]
    try:
        pk, *found = signing.loads(signed, salt=kind, max_age=KEPT)
    except signing.BadSignature:
        pk, found = None, []
    if pk != who.pk:
        raise Conflict(_("This preview is too old."), _("Upload the workbook again."))
    return found
