"""Numbers in templates: grouped by thousands for people, plain for style attributes."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def thousands(value: int) -> str:
    """12345 → 12,345, the same in both languages."""
    return f"{value:,}"


@register.filter
def unlocalized(value: float) -> str:
    return f"{value:.1f}"
