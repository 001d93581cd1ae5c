"""Who: households behind doors, residents and staff, how to reach them, and which posts they hold."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Place, Post
from lastmile.kernel.fields import SealedField


def walk(order: int | None, household: int) -> tuple[bool, int, int]:
    """`Household.walk` of one that is not loaded."""
    return order is None, order or 0, household


class Household(models.Model):
    """One door. Its position is kept open because areas are drawn over it; everything else personal is sealed."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+"
    )  # the grid, or the village if it has none
    number = models.CharField(max_length=40)  # the community's own number for the door, unique in the village
    village = models.CharField(max_length=12, db_collation="C")  # first 12 digits of the place, for that uniqueness
    address = SealedField(label="household.address")
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    walking_order = models.PositiveIntegerField(null=True)  # within the grid
    residents = models.PositiveSmallIntegerField(default=0)  # counted by people.actions
    vulnerable = models.PositiveSmallIntegerField(default=0)
    moved_out_on = models.DateField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["village", "number"], name="household_once_per_village")]
        # a grid's doors in walking order: the household list, targeting, call sheets
        indexes = [
            models.Index(fields=["place", "walking_order"], name="household_walk"),
            # targeting leaves these out: looking through every household for them took longer than a small warning
            models.Index(fields=["id"], name="household_gone", condition=models.Q(moved_out_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def walk(self) -> tuple[bool, int, int]:
        """What doors are sorted by: in walking order, those without a place in it last."""
        return walk(self.walking_order, self.pk)


class Language(models.TextChoices):
    CHINESE = "zh", _("Chinese")
    ENGLISH = "en", _("English")


class Priority(models.IntegerChoices):
    """The order in which people are told when a channel is slow: by danger."""

    NORMAL = 0, _("normal")
    VULNERABLE = 1, _("vulnerable")
    EXPOSED = 2, _("lives in a dangerous spot")
    BOTH = 3, _("vulnerable in a dangerous spot")


class Person(models.Model):
    """A resident, a member of staff, or both: one person however many hats.

    `place` is the household's grid, or for staff without a household the place of their first post.
    """

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.CASCADE, related_name="members")
    name = SealedField(label="person.name")
    born = SealedField(label="person.born", null=True)  # year, 4 digits
    care = SealedField(label="person.care", null=True)  # JSON: {"kinds": [Vulnerability…], "note": text}
    language = models.CharField(max_length=2, choices=Language, default=Language.CHINESE)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    vulnerable = models.BooleanField(default=False)
    minor = models.BooleanField(default=False, db_default=False)  # under 18: telling them does not tell their household
    guardian = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="wards")
    left_on = models.DateField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        # all people of a subtree, for targeting
        # and those of a batch who read another language than Chinese
        indexes = [
            models.Index(fields=["place", "household"], name="person_place"),
            models.Index(fields=["id"], include=["language"], name="person_language", condition=~Q(language="zh")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"  # a name is personal: pages show it through queries that log the look


class Vulnerability(models.TextChoices):
    """What makes a resident need more help; kept sealed in Person.care."""

    ALONE = "alone", _("lives alone")
    ELDERLY = "elderly", _("elderly")
    CHILD = "child", _("child")
    DISABLED = "disabled", _("disabled")
    BEDRIDDEN = "bedridden", _("bedridden")
    PREGNANT = "pregnant", _("pregnant")
    ILL = "ill", _("seriously ill")
    DEAF = "deaf", _("deaf")
    BLIND = "blind", _("blind")
    NO_PHONE = "no_phone", _("has no phone")


class Contact(models.Model):
    """One way to reach a person."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")

    class Dead(models.TextChoices):
        """Who says that a contact does not exist."""

        REFUSED = "refused", _("the gateway refuses it for good")
        REPORTED = "reported", _("a delivery report says that it is not in use")

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=10, choices=Kind)
    value = SealedField(label="contact.value")  # phone in E.164, e-mail in lower case
    blind = models.BinaryField(db_index=True)  # keyed index of `value`, to find whose number it is
    rank = models.PositiveSmallIntegerField(default=0)  # 0 is tried first
    usable = models.BooleanField(default=True)  # false after a permanent failure, or where somebody said so
    unusable_at = models.DateTimeField(null=True)
    unusable_why = models.CharField(
        max_length=10, choices=Dead, blank=True, default="", db_default=""
    )  # empty: a person said so
    confirmed_at = models.DateTimeField(null=True)  # when the person last answered on it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "blind"], name="contact_once_per_person")]
        # the contacts of a batch of people on one channel: the hot path of dispatch
        indexes = [
            models.Index(
                fields=["person", "kind", "rank"], include=["value"], name="contact_reach", condition=Q(usable=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ContactSheet(models.Model):
    """What dispatch needs of everybody at one place on one kind of contact, in one sealed piece, opened at
    the cost of one contact. Written by `people.contact_sheets`; good as long as no ContactSheetDue names its place.
    """

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Contact.Kind)
    persons = ArrayField(models.IntegerField())
    addresses = SealedField(label="contactsheet.addresses")  # a line each, parallel to persons
    languages = models.JSONField(default=dict)  # {person: language} of those who do not read Chinese
    homes = ArrayField(models.IntegerField(), default=list)  # their households, parallel to persons; 0 for none

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "kind"], name="contact_sheet_once")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.kind}"


class ContactSheetDue(models.Model):
    """The sheets of a place are old: written by triggers, in the transaction that changes a contact."""

    place = models.CharField(max_length=15, db_collation="C", db_index=True)

    def __str__(self) -> str:
        return self.place


class Appointment(models.Model):
    """Who holds a post, as holder (A) or deputy (B), from when to when."""

    class Role(models.TextChoices):
        HOLDER = "holder", _("holder")
        DEPUTY = "deputy", _("deputy")

    id = models.AutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="appointments")
    role = models.CharField(max_length=10, choices=Role)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "role"], condition=Q(until=None), name="one_at_a_time_in_a_post"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="appointment_ends_after_start"
            ),
        ]


class Leave(models.Model):
    """Days on which a person can't be called; the deputy stands in."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="leaves")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="leave_ends_after_start"),
        ]


class Look(models.Model):
    """Somebody opened personal fields of a person: appended only, so that they can be shown who looked and why."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="looks")
    actor = models.IntegerField(null=True)  # a log-in's key; null for the system
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    fields = ArrayField(models.CharField(max_length=20))

    class Meta:
        ordering = ["-id"]


class Upload(models.Model):
    """A workbook that onboards a community, from upload to import. Its rows are sealed, and destroyed when done."""

    class State(models.TextChoices):
        CHECKED = "checked", _("checked")
        QUEUED = "queued", _("waiting for import")
        DONE = "done", _("imported")
        FAILED = "failed", _("not imported")
        DROPPED = "dropped", _("dropped")

    class Kind(models.TextChoices):
        COMMUNITY = "community", _("a community")
        SITES = "sites", _("special sites")
        TERMINALS = "terminals", _("loudspeakers and screens")

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMMUNITY)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=120)
    content = SealedField(label="upload.content", null=True)  # its rows, packed; null with mistakes or once done
    report = SealedField(label="upload.report")  # JSON of sheets.check.Report: counts, first rows, errors by cell
    errors = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKED)
    done = models.PositiveIntegerField(default=0)  # households written so far, for the progress bar
    total = models.PositiveIntegerField(default=0)
    outcome = models.JSONField(default=dict)  # counts of what was new or changed, or the sentence of a failure
    actor = models.IntegerField()
    actor_name = models.CharField(max_length=60)
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename
