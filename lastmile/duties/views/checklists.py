"""Checklists: those of an area, writing one, its rounds by place, and the page on which a post's copy is filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.duties import shipped
from lastmile.duties.actions import checklists as actions
from lastmile.duties.forms.checklists import ChecklistForm, MarkForm, initial
from lastmile.duties.models.checklist import Checklist, Sheet
from lastmile.duties.queries import checklists as queries
from lastmile.kernel.doors import actor, needs, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may

SHOWN = 10  # rounds on the page of a checklist


@require_GET
@needs(Perm.DUTY_READ)
def listing(request: HttpRequest) -> HttpResponse:
    page = ListPage(
        request, queries.checklists(actor(request)), columns=_columns(), search=["name", "place__name"],
        filters=[Choice("trigger", _("When"), Checklist.Trigger.choices)], order=["name", "pk"], filename="checklists",
    )  # fmt: skip
    code = min(actor(request).scopes(Perm.CHECKLIST_EDIT), key=len, default="")
    buttons = _buttons(code) if code else []
    hint = _("Write one, or take one of those that come with the system.")
    context: dict[str, Any] = {"title": _("Checklists"), "actions": buttons, "empty_hint": hint}
    return page.response(request, **context)


def _buttons(code: str) -> list[dict[str, str]]:
    return [
        {"url": reverse("checklist_add", args=[code]), "icon": "plus", "label": _("Write a checklist")},
        {"url": reverse("joint_add", args=[code]), "icon": "building-community", "label": _("Joint work")},
    ]


def _columns() -> list[Column]:
    return [
        Column("name", _("Name"), sort="name", link=lambda row: reverse("checklist", args=[row.pk])),
        Column("place", _("Place"), lambda row: row.place.name, sort="place"),
        Column("level", _("Level"), lambda row: row.get_level_display(), phone=False),
        Column("kind", _("Kind of post"), lambda row: row.get_kind_display(), phone=False),
        Column("trigger", _("When"), lambda row: row.get_trigger_display(), sort="trigger"),
        Column("next_at", _("Next time"), sort="next_at"),
        Column("closed_on", _("Closed"), phone=False),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.CHECKLIST_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """A new one; `?text=n` begins with one that comes with the system."""
    place = org.place(actor(request), code, Perm.CHECKLIST_EDIT)
    form = ChecklistForm(request.POST or None, at=place, initial=shipped.checklist(request.GET.get("text", "")))
    links = [(f"?text={number}", text["name"]) for number, text in enumerate(shipped.texts("checklists"))]
    title = _("Write a checklist for %(place)s") % {"place": place.name}
    return _form(request, form, Checklist(place=place), title=title, back=reverse("checklists"), links=links)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.CHECKLIST_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.checklist(actor(request), pk, Perm.CHECKLIST_EDIT)
    form = ChecklistForm(request.POST or None, at=row.place, initial=initial(row))
    title = _("Edit %(name)s") % {"name": row.name}
    return _form(request, form, row, title=title, back=reverse("checklist", args=[pk]))


def _form(request: HttpRequest, form: ChecklistForm, row: Checklist, **context: Any) -> HttpResponse:
    refusal = None
    if form.is_valid():
        try:
            actions.save_checklist(row, by=actor(request), **form.facts())
        except Refusal as said:
            refusal = said
        else:
            messages.success(request, _("Saved."))
            return redirect("checklist", row.pk)
    status = 422 if form.is_bound else 200
    return render(request, "duties/checklists/edit.html", context | {"form": form, "refusal": refusal}, status=status)


@require_GET
@needs(Perm.DUTY_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    row = queries.checklist(who, pk)
    length = queries.length_below(row.place_id)
    rounds = [(one, queries.progress(one, length)) for one in row.rounds.all()[:SHOWN]]
    context = {"title": row.name, "row": row, "rounds": rounds, "may_edit": may(who, Perm.CHECKLIST_EDIT, row.place_id)}
    return render(request, "duties/checklists/page.html", context)


@require_POST
@needs(Perm.CHECKLIST_EDIT)
def open_round(request: HttpRequest, pk: int) -> HttpResponse:
    return _changed(request, pk, actions.open_by_hand, _("It goes to every post within seconds."))


@require_POST
@needs(Perm.CHECKLIST_EDIT)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    return _changed(request, pk, actions.close_checklist, _("It comes round no more."))


def _changed(request: HttpRequest, pk: int, change: Callable[..., Any], says: str) -> HttpResponse:
    """One tap on the page of a checklist."""
    change(queries.checklist(actor(request), pk, Perm.CHECKLIST_EDIT), by=actor(request))
    messages.success(request, says)
    return redirect("checklist", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One post's copy: each item is in order, does not apply, or is a problem; the rest with one tap."""
    user = me(request)
    row, mine = queries.sheet(user, pk)
    form, refusal = MarkForm(request.POST or None), None
    if request.method == "POST":
        refusal = _marked(request, form, queries.to_fill_in(user, pk))
        if refusal is None:
            return redirect(reverse("checklist_sheet", args=[pk]) + _next_item(row))
    context = {"title": row.round.checklist.name, "sheet": row, "items": queries.items(row), "mine": mine}
    context |= {"refusal": refusal, "item": form.data.get("item", ""), "note": form.data.get("note", "")}
    return render(request, "duties/checklists/sheet.html", context, status=422 if refusal else 200)


def _next_item(row: Sheet) -> str:
    """The page goes on where the thumb is: at the first item that nobody has looked at yet."""
    left = next((item.number for item in queries.items(row) if item.mark is None), None)
    return "" if left is None else f"#item-{left}"


def _marked(request: HttpRequest, form: MarkForm, row: Any) -> Refusal | None:
    try:
        if "rest" in request.POST:
            actions.mark_rest(me(request), row)
        elif form.is_valid():
            data = form.cleaned_data
            actions.mark(me(request), row, data["item"], data["state"], note=data["note"])
        else:
            return Refusal(_("Say which item, and what was found."), _("Use the buttons of the item."))
    except Refusal as said:
        return said
    return None
