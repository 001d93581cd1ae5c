"""What nobody holds or serves (漏管缺管): each kind of gap is one small declared object that any room registers.

    register(Rule("deputy", _("post without a deputy"), …, rows=posts_without_deputy, url=lambda post: …))

`rows` finds the gaps of the whole city, lazily; scope, counting, the cached sums, lists, export and trend are done here
and in `queries.gaps` for every rule alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, Level, ancestors
from lastmile.duties.models.gap import GapLimit
from lastmile.kernel.errors import NotFound, Text
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

CODE = "gap_code"  # the annotation under which every row carries its place code


@dataclass(frozen=True)
class Mend:
    """A gap is closed on the radar itself: one short form, and the verb it calls with what was typed.

    A gap that does not fit is mended on the page of its rule, like those of rules without a form.
    """

    perm: Perm
    form: type[forms.Form]
    act: Callable[[Any, dict[str, Any], Actor], None]
    fits: Callable[[Any], bool] = lambda row: True


@dataclass(frozen=True)
class Limit:
    """A number above which something becomes a gap; every place may set its own for itself and below."""

    default: int
    unit: Text
    most: int = 100_000


@dataclass(frozen=True)
class Rule:
    """`at` names the ORM field that holds each row's place code, `owner` the level whose job it is to mend it."""

    name: str
    label: Text
    how: Text  # to mend it, in one sentence
    owner: Level
    rows: Callable[[], QuerySet[Any]]
    what: Callable[[Any], str]  # how one gap is called in the list, masked
    url: Callable[[Any], str]  # the page on which it can be mended
    at: str = "place_id"
    mend: Mend | None = None
    limit: Limit | None = None
    superior: bool = False  # nobody mends it for their own post
    danger: int = 1  # 0–4, as of obligations: lists begin with what can hurt people
    order: tuple[str, ...] = (CODE, "pk")

    def owner_of(self, code: str) -> str:
        """The place whose job it is: the one of the owner's level above the gap; where the gap lies no lower, its own,
        or the place above when only a superior can mend it."""
        if self.superior and len(code) <= CODE_LENGTH[self.owner]:
            return (ancestors(code) or [code])[-1]
        return code[: CODE_LENGTH[self.owner]]


_RULES: dict[str, Rule] = {}


def register(rule: Rule) -> None:
    """Make a rule known. The same name again replaces it, so that an application may start twice in tests."""
    _RULES[rule.name] = rule


def get(name: str) -> Rule:
    """The rule of this name. Raises NotFound."""
    if name not in _RULES:
        raise NotFound(_("There is no such kind of gap."), _("Choose one on the page of gaps."))
    return _RULES[name]


def rules() -> list[Rule]:
    """All, what can hurt people first."""
    return sorted(_RULES.values(), key=lambda rule: (-rule.danger, list(_RULES).index(rule.name)))


def found(rule: Rule, prefix: str = "") -> QuerySet[Any]:
    """Every gap of the rule under a place, with its code as `gap_code`."""
    rows: QuerySet[Any] = rule.rows().annotate(**{CODE: F(rule.at)})
    if prefix:
        rows = rows.filter(**{f"{CODE}__startswith": prefix})
    return rows


def seen(actor: Actor, rule: Rule, prefix: str = "") -> QuerySet[Any]:
    """The gaps of the rule under a place that the actor may see."""
    rows = found(rule, prefix)
    scopes = actor.scopes(Perm.GAPS_READ)
    return rows if "" in scopes else rows.filter(within(scopes, CODE))


def limited(name: str, code: str, meets: Callable[[int], Q]) -> Q:
    """The condition `meets(limit)` with, for each row, the limit of the nearest place that set one.

    `code` is the ORM field with the row's place code.
    """
    rule = _RULES[name]
    condition = meets(rule.limit.default if rule.limit else 0)
    own = GapLimit.objects.filter(rule=name).values_list("place", "value")
    for place, value in sorted(own, key=lambda row: len(row[0])):  # the nearest place, the longest code, wins
        here = Q(**{f"{code}__startswith": place})
        condition = (here & meets(value)) | (~here & condition)
    return condition
