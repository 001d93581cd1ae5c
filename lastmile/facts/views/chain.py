"""Paste a chain of answers from a chat, look at what was understood, store it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lastmile.community.org.models import Place
from lastmile.facts import dictionary
from lastmile.facts.actions import answer
from lastmile.facts.actions.chain import Confirmed, store
from lastmile.facts.chain.match import Matched, match
from lastmile.facts.chain.read import lines, missing
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Ask, Subject
from lastmile.facts.queries import rows as tables
from lastmile.facts.queries import scope
from lastmile.facts.queries.rows import Row
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm

MOST_FIELDS = 4


@dataclass(frozen=True)
class Paste:
    """What a chain is about: the fields it answers, and the rows its lines may belong to."""

    place: Place
    ask: Ask | None
    offered: list[Field]
    fields: list[Field]
    rows: list[Row]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]


def _paste(request: HttpRequest, code: str) -> Paste:
    who = actor(request)
    place = scope.place(who, code, Perm.FACT_ENTER)
    number = request.GET.get("ask", "")
    ask = scope.ask(who, int(number), Perm.FACT_ENTER) if number.isascii() and number.isdigit() else None
    offered = _offered(place, ask)
    asked = request.POST.getlist("field")
    fields = offered if ask is not None and not asked else [one for one in offered if one.name in asked]
    level = fields[0].level if fields else place.level
    return Paste(place, ask, offered, fields, tables.under([place.code], Subject.PLACE, level))


def _offered(place: Place, ask: Ask | None) -> list[Field]:
    """What can be answered here: what the ask still wants, or every entered field of the place and below."""
    if ask is not None:
        names = dict.fromkeys(
            cell.field for cell in answer.waiting(ask) if cell.site_id is None and cell.home_id is None
        )
        return dictionary.named(names)
    known = [one for one in dictionary.fields() if not one.is_derived and one.subject == Subject.PLACE]
    return [one for one in known if place.level <= one.level <= place.level + 1]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.FACT_ENTER)
def page(request: HttpRequest, code: str) -> HttpResponse:
    paste = _paste(request, code)
    found: list[Matched] = []
    refusal, status = None, 200
    if request.method == "POST":
        try:
            _refuse_fields(paste)
            if "store" in request.POST:
                return _stored(request, paste)
            found = match(actor(request), paste.place, request.POST.get("text", ""), paste.fields, paste.rows)
        except Refusal as said:
            refusal, status = said, said.status
            found = _again(request, paste)
    context = {"title": _("Chat chain: %(place)s") % {"place": paste.place.name}, "paste": paste}
    context["missing"] = missing([one.line for one in found])
    context |= {"refusal": refusal, "text": request.POST.get("text", ""), "lines": _shown(request, paste, found)}
    return render(request, "facts/chain.html", context | _counts(found), status=status)


def _refuse_fields(paste: Paste) -> None:
    levels = {one.level for one in paste.fields}
    if not 1 <= len(paste.fields) <= MOST_FIELDS or len(levels) > 1:
        raise Refusal(
            _("Say what the chain answers: 1 to %(n)s fields of one level.") % {"n": MOST_FIELDS},
            _("Tick the fields in the order in which people wrote them."),
        )


def _again(request: HttpRequest, paste: Paste) -> list[Matched]:
    """The lines once more beside the refusal, as far as they can be read."""
    try:
        return match(actor(request), paste.place, request.POST.get("text", ""), paste.fields, paste.rows)
    except Refusal:
        return []


def _stored(request: HttpRequest, paste: Paste) -> HttpResponse:
    who: Actor = actor(request)
    made = store(who, paste.fields, _confirmed(request, paste))
    messages.success(request, _("Stored as %(n)s facts.") % {"n": len(made)})
    if paste.ask is not None:
        return redirect("fact_ask", paste.ask.pk)
    return redirect("facts_place", paste.place.code)


def _confirmed(request: HttpRequest, paste: Paste) -> list[Confirmed]:
    by_slug = {row.slug: row for row in paste.rows}
    found = []
    for number in range(1, len(lines(request.POST.get("text", ""))) + 1):
        row = by_slug.get(request.POST.get(f"row-{number}", ""))
        if row is not None:
            typed = [request.POST.get(f"value-{number}-{index}", "") for index in range(len(paste.fields))]
            found.append(Confirmed(number, row, typed))
    return found


def _shown(request: HttpRequest, paste: Paste, found: Sequence[Matched]) -> list[dict[str, Any]]:
    """The lines with what is proposed, or with what was chosen before."""
    chosen = request.POST if "store" in request.POST else {}
    return [
        {
            "number": one.line.number,
            "one": one,
            "row": chosen.get(f"row-{one.line.number}", one.slug if one.line.is_answer else ""),
            "values": [
                (f"value-{one.line.number}-{index}", field, chosen.get(f"value-{one.line.number}-{index}", value))
                for index, (field, value) in enumerate(zip(paste.fields, _values(one, paste), strict=True))
            ],
        }
        for one in found
    ]


def _values(one: Matched, paste: Paste) -> list[str]:
    return one.line.values or [""] * len(paste.fields)


def _counts(found: Sequence[Matched]) -> dict[str, int]:
    sure = sum(one.is_sure for one in found)
    left_out = sum(not one.line.is_answer for one in found)
    return {"sure": sure, "doubtful": len(found) - sure - left_out, "left_out": left_out}
