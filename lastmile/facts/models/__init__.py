"""Facts, who asked for them, and what that cost."""

from __future__ import annotations

from lastmile.facts.models.fact import Definition, Entry, FieldType, Subject, Via
from lastmile.facts.models.layout import Layout
from lastmile.facts.models.request import Ask, Burden, Cell, Request

__all__ = [
    "Ask",
    "Burden",
    "Cell",
    "Definition",
    "Entry",
    "FieldType",
    "Layout",
    "Request",
    "Subject",
    "Via",
]
