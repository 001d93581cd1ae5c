"""Every URL says who may open it, and a stranger meets the log-in page, not the content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

FRAMEWORK = ("admin/", "i18n/", "static/", "api/")  # each has its own test


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, where)
        else:
            yield where, entry


ROUTES = [(where, entry) for where, entry in walk(get_resolver().url_patterns) if not where.startswith(FRAMEWORK)]


@pytest.mark.parametrize(("where", "entry"), ROUTES, ids=[where or "/" for where, _entry in ROUTES])
def test_it_says_who_may_open_it(where: str, entry: URLPattern) -> None:
    assert hasattr(entry.callback, "door"), f"{where}: decorate the view with needs(...), signed_in or public(reason)"
