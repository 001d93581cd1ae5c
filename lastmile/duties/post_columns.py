"""How the list of posts shows their responsibility lists."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lastmile.community.org.models import Post
from lastmile.kernel.lists import Choice, Column

STANDS: dict[str, str | Promise] = {
    "none": gettext_lazy("no list"),
    "vacant": gettext_lazy("list, but nobody holds the post"),
    "unsigned": gettext_lazy("not signed"),
    "signed": pgettext_lazy("responsibility list", "signed"),
}
COLOURS = {"none": "orange", "vacant": "red", "unsigned": "yellow", "signed": "green"}


def columns() -> list[Column]:
    return [
        Column("title", _("Post"), sort="title", link=lambda post: reverse("duty_list", args=[post.pk])),
        Column("place", _("Place"), lambda post: post.place.name, sort="place"),
        Column("kind", _("Kind"), lambda post: post.get_kind_display(), sort="kind", phone=False),
        Column("stands", _("List"), lambda post: STANDS[post.stands], badge=lambda post: COLOURS[post.stands]),
    ]


def _stands(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(stands=value)


def filters() -> list[Choice]:
    return [
        Choice("kind", _("Kind"), Post.Kind.choices),
        Choice("stands", _("List"), list(STANDS.items()), _stands),
    ]
