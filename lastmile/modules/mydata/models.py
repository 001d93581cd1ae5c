"""Codes on their way, the short sessions they open, and corrections that residents ask for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.people.models import Person
from lastmile.kernel.fields import SealedField


class Challenge(models.Model):
    """A code sent to a number, or kept from being sent to a number that nobody has: the asker can't tell the two apart.

    `phone` and `code` are blank as soon as it has gone out; what is left can't be turned back without our keys.
    """

    token = models.BinaryField(unique=True)  # SHA-256 of the cookie
    blind = models.BinaryField()  # keyed index of the number
    phone = SealedField(label="mydata.phone", null=True)
    code = SealedField(label="mydata.code", null=True)
    digest = models.BinaryField()  # keyed
    number = SealedField(label="mydata.number", null=True)  # only of one that is added, until it is
    adds = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")  # a new number of theirs
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["blind", "made_at"], name="challenge_of_number")]

    def __str__(self) -> str:
        return str(self.pk)


class Session(models.Model):
    """A quarter of an hour at one's own data. `persons` are those whom the number proves; one of them is chosen."""

    token = models.BinaryField(unique=True)  # SHA-256 of the cookie
    persons = ArrayField(models.IntegerField())
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Proposal(models.Model):
    """A correction that a resident asks for and the community decides."""

    class What(models.TextChoices):
        NAME = "name", _("the name is wrong")
        BORN = "born", _("the year of birth is wrong")
        ADDRESS = "address", _("the door or address is wrong")
        NEEDS = "needs", _("what help I need is wrong")
        GONE = "gone", _("I do not live here any more: take me off the list")
        OTHER = "other", pgettext_lazy("correction", "something else")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("correction", "asked")
        DONE = "done", pgettext_lazy("correction", "corrected")
        REFUSED = "refused", pgettext_lazy("correction", "not changed")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=15, db_collation="C")  # where they live
    what = models.CharField(max_length=10, choices=What)
    wish = SealedField(label="proposal.wish")  # what is right, in their words
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)
    answer = SealedField(label="proposal.answer", null=True)  # what the community says to it

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["place", "state"], name="proposal_place")]

    def __str__(self) -> str:
        return f"#{self.pk}"
