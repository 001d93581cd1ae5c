"""Write a responsibility list (a new version each time), hand out the shipped ones, and sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.duties import shipped
from lastmile.duties.actions.close import done
from lastmile.duties.actions.create import New, create_many, withdraw_many
from lastmile.duties.models import Obligation
from lastmile.duties.models.responsibility import DutyList, DutySignature
from lastmile.duties.queries.responsibilities import FIELDS, HOLDER, in_force, mine
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User
    from lastmile.kernel.permissions import Actor

SIGN = "duties.sign"
SIGN_WITHIN = timedelta(days=7)
MOST_LINES, LONGEST = 40, 200


def checked(lines: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The lines as they are kept. Raises Refusal: none, too many, too long, or one without a duty."""
    kept = [{name: str(line.get(name) or "").strip() for name in FIELDS} for line in lines]
    kept = [line for line in kept if any(line.values())]
    if not kept:
        raise Refusal(_("The list is empty."), _("Write at least one duty, or take the shipped list."))
    if len(kept) > MOST_LINES:
        raise Refusal(
            _("The list has more than %(most)s duties; nobody can keep so many in mind.") % {"most": MOST_LINES},
            _("Merge what belongs together."),
        )
    for number, line in enumerate(kept, start=1):
        if not line["duty"]:
            raise Refusal(_("Line %(n)s has no duty.") % {"n": number}, _("Write what is to be done."))
        if any(len(text) > LONGEST for text in line.values()):
            raise Refusal(
                _("Line %(n)s is longer than %(most)s characters.") % {"n": number, "most": LONGEST},
                _("Say it in plain, short words."),
            )
    return kept


@transaction.atomic
def save_list(post: Post, lines: Iterable[Mapping[str, str]], *, by: Actor) -> DutyList:
    """Put a new version in force and ask the holder to sign it; the same text again changes nothing."""
    if post.closed_on is not None:
        raise Conflict(_("This post is closed."), _("Open it again, or appoint to another post."))
    kept = checked(lines)
    Post.objects.select_for_update().get(pk=post.pk)
    last = in_force(post)
    if last is not None and last.lines == kept:
        return last
    if last is not None:
        DutyList.objects.filter(pk=last.pk).update(replaced_at=clock.now())
        _withdraw(last)
    version = (last.version if last else 0) + 1
    made = DutyList.objects.create(post=post, version=version, lines=kept, made_at=clock.now(), made_by_id=by.pk)
    ask([made], by)
    audit.record("duties.save_list", actor=by, place=post.place_id, obj=post, version=version, lines=len(kept))
    return made


def _withdraw(replaced: DutyList) -> None:
    asked = Obligation.objects.filter(kind=SIGN, key__startswith=f"{replaced.pk}:", closed_at=None)
    withdraw_many(SIGN, list(asked.values_list("key", flat=True)))


def ask(lists: Sequence[DutyList], by: Actor | None = None) -> int:
    """Ask the holder of each post to sign; posts that nobody holds are asked when somebody is appointed."""
    posts = {row.post_id: row for row in lists}
    held = HOLDER.filter(post__in=posts).select_related("post")
    signed = set(DutySignature.objects.filter(list__in=lists).values_list("list", "person"))
    return create_many(
        [
            New(
                kind=SIGN,
                key=f"{posts[one.post_id].pk}:{one.person_id}",
                title=_("Read and sign the responsibility list: %(post)s") % {"post": one.post.title},
                place=one.post.place_id,
                post=one.post_id,
                due_at=clock.now() + SIGN_WITHIN,
                detail={"list": posts[one.post_id].pk},
            )
            for one in held
            if (posts[one.post_id].pk, one.person_id) not in signed
        ],
        actor=by,
    )


@transaction.atomic
def adopt(prefix: str, *, by: Actor) -> int:
    """Give every open post under the place that has no list the shipped one; returns how many got one."""
    rows = Post.objects.filter(place__code__startswith=prefix, closed_on=None).exclude(
        pk__in=DutyList.objects.filter(replaced_at=None).values("post")
    )
    last = dict(DutyList.objects.filter(post__in=rows).order_by("version").values_list("post", "version"))
    wanted = [
        DutyList(post=post, version=last.get(post.pk, 0) + 1, lines=lines, made_at=clock.now(), made_by_id=by.pk)
        for post in rows.iterator()
        if (lines := shipped.responsibilities(post))
    ]
    made = DutyList.objects.bulk_create(wanted, batch_size=2000)
    for start in range(0, len(made), 5000):
        ask(made[start : start + 5000], by)
    audit.record("duties.adopt_lists", actor=by, place=prefix, object_type="duties.dutylist", lists=len(made))
    return len(made)


@transaction.atomic
def sign(user: User, lists: Sequence[DutyList] | None = None) -> int:
    """The holder takes on these lists, or all of theirs: one tap. Returns how many were new."""
    wanted = [one.list for one in mine(user) if one.to_sign and (lists is None or one.list in lists)]
    if not wanted or user.person_id is None:
        return 0
    now = clock.now()
    made = [DutySignature(list=row, person_id=user.person_id, at=now) for row in wanted]
    DutySignature.objects.bulk_create(made, ignore_conflicts=True)
    keys = [f"{row.pk}:{user.person_id}" for row in wanted]
    for obligation in Obligation.objects.filter(kind=SIGN, key__in=keys, closed_at=None):
        done(user, obligation)
    for row in wanted:
        audit.record("duties.sign_list", actor=user, place=row.post.place_id, obj=row.post, version=row.version)
    return len(wanted)
