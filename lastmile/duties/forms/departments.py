"""What people type about work of several departments, disputes, superiors and handovers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Post
from lastmile.duties.models.obligation import Danger
from lastmile.duties.queries import candidates
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.forms import Styled

PARTS, AT_ONCE = 6, 2  # departments that can be named, and those that are asked for before “more”
SHOWN = 50  # posts in a list; more are found by typing a place or title


if TYPE_CHECKING:
    Posts = forms.ModelChoiceField[Post]  # generic for mypy only
else:
    Posts = forms.ModelChoiceField


class PostField(Posts):
    """A post, called by its place, its department and its title."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": _("Please choose"), **kwargs})

    def label_from_instance(self, post: Post) -> str:
        return " · ".join(word for word in (post.place.name, post.department, post.title) if word)

    def show(self, rows: Iterable[Post]) -> None:
        """Only these in the list; every post of the field may be sent all the same."""
        self.choices = [("", self.empty_label), *((post.pk, self.label_from_instance(post)) for post in rows)]


class JointForm(Styled):
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    due_at = forms.DateTimeField(label=_("Until when"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    danger = forms.TypedChoiceField(label=_("If it is left undone"), choices=Danger.choices, coerce=int, initial=2)
    basis = forms.CharField(label=_("Basis"), max_length=200, required=False)
    lead = PostField(Post.objects.none(), label=_("Who leads and answers for the whole"))

    def __init__(self, *args: Any, posts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(PARTS):
            post = PostField(posts, label=_("Department %(n)s") % {"n": number + 1}, required=False)
            self.fields[f"post{number}"] = post
            self.fields[f"what{number}"] = forms.CharField(label=_("Its part"), max_length=200, required=False)
            post.widget.attrs["class"] = "form-select"
            self.fields[f"what{number}"].widget.attrs["class"] = "form-control"
        self.offer("lead", posts)

    @property
    def facts(self) -> list[Any]:
        """The fields that are not about one part, for the page."""
        return [self[name] for name in self.base_fields]

    @property
    def pairs(self) -> list[tuple[Any, Any, bool]]:
        """(post, its part, whether it is shown at once) of each department."""
        filled = [bool(self[f"post{n}"].value() or self[f"what{n}"].value()) for n in range(PARTS)]
        return [(self[f"post{n}"], self[f"what{n}"], n < AT_ONCE or any(filled[AT_ONCE:])) for n in range(PARTS)]

    def clean_due_at(self) -> Any:
        return self.cleaned_data["due_at"].astimezone(BEIJING)

    def parts(self) -> list[tuple[Post, str]]:
        data = self.cleaned_data
        return [(data[f"post{n}"], data[f"what{n}"]) for n in range(PARTS) if data.get(f"post{n}")]


class DisputeForm(Styled):
    words = forms.CharField(
        label=_("Why it is not ours"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    other = PostField(Post.objects.none(), label=_("Who should do it instead"), required=False)

    def __init__(self, *args: Any, posts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("other", posts)


class SettleForm(Styled):
    decided = PostField(Post.objects.none(), label=_("Who does it"))
    words = forms.CharField(label=_("Why"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, posts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("decided", posts)


class SuperiorForm(Styled):
    superior = PostField(
        Post.objects.none(), label=_("Superior"), required=False,
        empty_label=_("Nobody in particular: by level"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, posts: QuerySet[Post], who: str = "", named: Post | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial={"superior": named}, **kwargs)
        self.offer("superior", posts)
        field = self.fields["superior"]
        if isinstance(field, PostField):
            found = list(candidates.named(posts, who)[:SHOWN])
            field.show([*found, *([named] if named and named not in found else [])])


class ThingsForm(Styled):
    things = forms.CharField(
        label=_("Handed over besides"), required=False, widget=forms.Textarea(attrs={"rows": 6}), max_length=4000,
        help_text=_("One thing in each line: keys, seals, paper lists, who keeps the group chat."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What the successor should know"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
