"""Pages of the field dictionary."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org.models import Level
from lastmile.community.people.filled import filled
from lastmile.facts import dictionary
from lastmile.facts.actions import define
from lastmile.facts.dictionary import Field
from lastmile.facts.forms import DefinitionForm
from lastmile.facts.models import Definition, FieldType, Subject
from lastmile.facts.queries import scope
from lastmile.facts.views.buttons import opens
from lastmile.facts.views.dictionary_book import book_of
from lastmile.kernel.doors import actor, needs, signed_in
from lastmile.kernel.lists import Column
from lastmile.kernel.permissions import Perm, may
from lastmile.kernel.rows import RowsPage, kept

KINDS = [("derived", gettext_lazy("counted by the system")), ("entered", gettext_lazy("entered once"))]


def _kind(field: Field) -> str:
    return "derived" if field.is_derived else "entered"


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Everything that has a definition, for every role: what is here need not be asked again."""
    page = RowsPage(
        request,
        dictionary.fields(),
        columns=_columns(),
        search=["label", "name"],
        filters=[kept("kind", _("Kind"), KINDS, _kind), kept("subject", _("About"), Subject.choices)],
        page_size=200,
    )
    if request.GET.get("export") == "xlsx":
        return book_of(page.listed())
    buttons = opens(actor(request), Perm.FACT_DEFINE, "fact_define", _("Define a field"))
    if buttons:
        buttons.insert(0, {"url": reverse("fact_dictionary_upload"), "icon": "upload", "label": _("From a workbook")})
    return page.response(request, title=_("Dictionary of facts"), actions=buttons)


def _columns() -> list[Column]:
    return [
        Column("label", _("Fact"), sort="label", link=lambda f: reverse("fact_field", args=[f.name])),
        Column("kind", _("Kind"), value=lambda f: dict(KINDS)[_kind(f)], badge=_badge),
        Column("unit", _("Unit"), phone=False),
        Column("type", _("Kind of answer"), value=lambda f: FieldType(f.type).label, phone=False),
        Column("level", _("Of each"), value=_of_each),
        Column("owner", _("Owner"), value=_owner, phone=False),
        Column("validity", _("Fresh for (days)"), value=_days, number=True, phone=False),
    ]


def _badge(field: Field) -> str:
    return "blue" if field.is_derived else "green"


def _of_each(field: Field) -> str:
    if field.subject != Subject.PLACE:
        return str(Subject(field.subject).label)
    return _("any level") if field.is_derived else str(Level(field.level).label)


def _owner(field: Field) -> str:
    return _("the system") if field.is_derived else field.owner_label


def _days(field: Field) -> Any:
    return "" if field.is_derived else field.validity.days


@require_GET
@signed_in
def field(request: HttpRequest, name: str) -> HttpResponse:
    """One definition."""
    found = dictionary.field(name)
    row = Definition.objects.filter(name=name).select_related("place").first()
    context = {
        "title": str(found.label),
        "field": found,
        "type": FieldType(found.type).label,
        "of_each": _of_each(found),
        "owner": _owner(found),
        "row": row,
        "may_retire": row and not row.retired_at and may(actor(request), Perm.FACT_DEFINE, row.place_id),
    }
    return render(request, "facts/field.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_DEFINE)
def new(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    unit = scope.unit(who, Perm.FACT_DEFINE)
    form = DefinitionForm(request.POST or None)

    def write(_data: dict[str, Any]) -> HttpResponse:
        return redirect("fact_field", define.define(who, unit, **form.given()).name)

    intro = _("First look whether it is there already: what is in the dictionary has answers.")
    return filled(request, form, write, title=_("Define a field"), back=["fact_dictionary"], intro=intro)


@require_POST
@needs(Perm.FACT_DEFINE)
def retire(request: HttpRequest, name: str) -> HttpResponse:
    row = get_object_or_404(Definition, name=name)
    define.retire(actor(request), row)
    return redirect("fact_dictionary")
