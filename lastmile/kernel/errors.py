"""Errors a person can act on: what is wrong, and how to mend it. Never a stack trace, never a 5xx."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise

Text = str | Promise


class Refusal(Exception):
    """The request can't be done as asked.

    `says` is the sentence shown to the person, `mend` the next step, `status` the HTTP code (4xx),
    `fields` sentences by form field or spreadsheet cell.
    """

    status = 400

    def __init__(
        self,
        says: Text,
        mend: Text = "",
        *,
        status: int | None = None,
        fields: Mapping[str, Text] | None = None,
    ) -> None:
        super().__init__(str(says))
        self.says = says
        self.mend = mend
        self.fields = dict(fields or {})
        if status is not None:
            self.status = status


class NotFound(Refusal):
    """No such thing, or none that this person may know of: the two look alike on purpose."""

    status = 404


class NotAllowed(Refusal):
    """The person sees the object but may not do this to it."""

    status = 403


class Conflict(Refusal):
    """Somebody else was faster, or the object has moved on."""

    status = 409
