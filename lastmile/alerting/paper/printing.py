"""Print the sheets of an area: small ones at once, large ones as a job with a progress bar; destroyed a day later."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from lastmile.alerting import on_duty
from lastmile.alerting.models import AlertEvent, PaperPrint
from lastmile.alerting.paper import sheets
from lastmile.alerting.paper.sheets import Kind
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place
from lastmile.community.people.queries.ground import good_reason
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal
from lastmile.kernel.permissions import Perm, require
from lastmile.kernel.queue import app

if TYPE_CHECKING:
    from lastmile.alerting.paper.drawing import Drawing, Head

log = logging.getLogger(__name__)

AT_ONCE = 2  # places that are printed while the person waits
MOST = 80  # places in one print: a large township
SOON = timedelta(minutes=2)  # a print for which somebody waits takes seconds
KEPT = timedelta(days=1)
JOB = "alerting.print_paper"  # in tasks.py, which knows this module


def ask(
    user: User, event: AlertEvent, place: str, kinds: Sequence[str], *, left_only: bool = False, reason: str = ""
) -> PaperPrint:
    """Note the wish, with the reason that somebody typed, or without one for the duty chain of this warning (ADR 42).
    Raises NotAllowed without PERSON_REVEAL there, Refusal for what can't be printed or has no ground."""
    require(user, Perm.PERSON_REVEAL, place)
    if event.closed_at is not None:
        raise Refusal(
            _("This warning is over: nothing of it is printed any more."),
            _("Personal data may be used for the emergency only. Open the warning that is in force."),
        )
    wanted = [kind.value for kind in Kind if kind.value in kinds]
    if not wanted:
        raise Refusal(_("No sheet is chosen."), _("Tick at least one sheet."))
    total = len(sheets.places_of(event, place))
    if not 1 <= total <= MOST:
        says = _("Nobody is listed at this place.") if not total else _("These are %(n)d places.") % {"n": total}
        raise Refusal(says, _("Print a grid, a village or a township of at most %(most)d places.") % {"most": MOST})
    typed = good_reason(reason) if reason.strip() or not on_duty.acts_on(user, event, place) else ""
    return PaperPrint.objects.create(
        reason=typed,
        event=event,
        place=place,
        kinds=wanted,
        left_only=left_only,
        language=translation.get_language() or "zh-hans",
        total=total,
        by=user,
        at=clock.now(),
    )


def start(wish: PaperPrint) -> None:
    """Few places while the person waits, many as a job."""
    if wish.total > AT_ONCE:
        app.configure_task(JOB).defer(key=wish.pk)
        return
    try:
        with transaction.atomic():
            run(wish.pk)
    except Exception:  # whatever it is, the page must not say for ever that it is being made
        log.exception("print %s could not be drawn", wish.pk)
        give_up(wish.pk)


def run(key: int) -> None:
    """Draw what was asked for. A second call, as of a job done again, draws nothing twice."""
    wish = PaperPrint.objects.select_related("event__alert", "by").filter(pk=key, state=PaperPrint.State.QUEUED).first()
    if wish is None:
        return
    held = PaperPrint.objects.filter(pk=key, state=PaperPrint.State.QUEUED)
    try:
        with translation.override(wish.language):
            drawing = _drawn(wish)
    except Refusal as refusal:
        held.update(state=PaperPrint.State.FAILED, refusal={"says": str(refusal.says), "mend": str(refusal.mend)})
        return
    content = base64.b64encode(drawing.bytes()).decode()
    held.update(state=PaperPrint.State.READY, done=wish.total, pages=drawing.pages, content=content)
    audit.record(
        "alerting.paper", actor=wish.by, place=wish.place, obj=wish.event, pages=drawing.pages, kinds=wish.kinds
    )


def give_up(key: int) -> None:
    """A print that failed every time says so."""
    refusal: dict[str, str] = {}
    wish = PaperPrint.objects.filter(pk=key, state=PaperPrint.State.QUEUED)
    for language in wish.values_list("language", flat=True):
        with translation.override(language):
            mend = _("Print fewer places at once, or use the page of the doors.")
            refusal = {"says": _("The sheets could not be made."), "mend": mend}
    wish.update(state=PaperPrint.State.FAILED, refusal=refusal)


def lost() -> int:
    """Prints for which somebody waited while the process that drew them was ended: nobody draws them any more."""
    rows = PaperPrint.objects.filter(state=PaperPrint.State.QUEUED, total__lte=AT_ONCE, at__lt=clock.now() - SOON)
    keys = list(rows.values_list("pk", flat=True))
    for key in keys:
        give_up(key)
    return len(keys)


def _drawn(wish: PaperPrint) -> Drawing:
    event = wish.event
    codes = sheets.places_of(event, wish.place)
    from lastmile.alerting.paper.drawing import Drawing  # 30 MB of libraries that most workers never need

    drawing = Drawing(_head(wish))
    for done, place in enumerate(Place.objects.filter(pk__in=codes).order_by("code")):
        PaperPrint.objects.filter(pk=wish.pk).update(done=done)
        found = sheets.of(wish.by, event, place, left_only=wish.left_only, why=wish.reason)
        if not found.lines and len(codes) > 1:
            continue
        for kind in wish.kinds:
            address = reverse("paper:enter", args=[event.alert.code, place.code])
            drawing.add(Kind(kind), found, settings.PUBLIC_URL + address)
    return drawing


def _head(wish: PaperPrint) -> Head:
    from lastmile.alerting.paper.drawing import Head

    text = wish.event.frozen["texts"]["zh"]
    where = "   ".join(part for part in (text.get("shelter", ""), text.get("contact", "")) if part)
    at = wish.at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M")
    printed = _("%(who)s printed this %(at)s") % {"who": wish.by, "at": at}
    return Head(text["headline"], where, printed, wish.event.exercise)


def mine(user: User, event: AlertEvent, place: str) -> QuerySet[PaperPrint]:
    return PaperPrint.objects.filter(by=user, event=event, place=place).defer("content")


def print_of(user: User, key: int) -> PaperPrint:
    """One's own print: nobody fetches another's. Raises NotFound."""
    lost()
    found = PaperPrint.objects.filter(by=user, pk=key).select_related("event__alert").defer("content").first()
    if found is None:
        raise NotFound(_("There is no such print."), _("Print it again; only whoever printed it can fetch it."))
    return found


def pdf(user: User, wish: PaperPrint) -> bytes:
    """The file, for whoever still may open names there. Every fetch is noted."""
    require(user, Perm.PERSON_REVEAL, wish.place)
    held = PaperPrint.objects.filter(pk=wish.pk).values_list("content", flat=True).get()
    if held is None:
        raise Conflict(_("This print is not there any more, or not yet."), _("Print it again."))
    audit.record("alerting.paper_fetched", actor=user, place=wish.place, obj=wish.event, print=wish.pk)
    return base64.b64decode(held.reveal())


def forget() -> int:
    """Destroy what is older than a day, and what belongs to warnings that are over."""
    held = PaperPrint.objects.exclude(content=None)
    gone = {"content": None, "state": PaperPrint.State.GONE}
    over = held.filter(event__closed_at__isnull=False).update(**gone)
    return over + held.filter(at__lt=clock.now() - KEPT).update(**gone)
