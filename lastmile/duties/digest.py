"""The daily summary as a mail. Never a nag: nothing when nothing is open."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lastmile.community.accounts.models import User
from lastmile.community.people.models import Contact
from lastmile.duties import queries
from lastmile.duties.models import Digest
from lastmile.duties.queries.words import line
from lastmile.kernel import clock

SHOWN = 10  # lines of the mail; the rest is counted


def address(user: User) -> Contact | None:
    """Where it goes: the first e-mail on file of the person behind the log-in."""
    rows = Contact.objects.filter(person=user.person_id or 0, kind=Contact.Kind.EMAIL, usable=True)
    return rows.order_by("rank", "id").first()


def send(user: User) -> bool:
    """One mail with the first lines of the list; none when nothing is open, or there is no address."""
    contact = address(user)
    if contact is None or not user.is_active:
        return False
    worn = queries.hats(user)
    rows = queries.todo(user, worn).exclude(queries.waits(worn))
    count = rows.count()
    if not count:
        return False
    with translation.override("en" if user.person and user.person.language == "en" else settings.LANGUAGE_CODE):
        subject = ngettext("%(n)d thing to do", "%(n)d things to do", count) % {"n": count}
        lines = [line(row, worn) for row in rows[:SHOWN]]
        text = [f"· {one.obligation.title} ({one.obligation.place.name}, {one.due})" for one in lines]
        if count > SHOWN:
            text.append(_("and %(n)d more") % {"n": count - SHOWN})
        end = _("You chose this summary; change its time or end it here:")
        text += ["", settings.PUBLIC_URL + reverse("todo"), "", end, settings.PUBLIC_URL + reverse("todo_digest")]
    send_mail(subject, "\n".join(text), settings.DEFAULT_FROM_EMAIL, [contact.value.reveal()])
    Digest.objects.filter(user=user).update(sent_at=clock.now())
    return True
