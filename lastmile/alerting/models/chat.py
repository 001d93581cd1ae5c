"""Robots of chat groups that places keep (group), and each warning that one of them is owed (note)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from lastmile.alerting.codes import Colour
from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import Place
from lastmile.kernel.fields import SealedField


class ChatGroup(models.Model):
    """A group in a chat app whose robot posts what we send to its address. Whoever has the address can post there."""

    class Kind(models.TextChoices):
        WECOM = "wecom", pgettext_lazy("chat", "WeCom")
        DINGTALK = "dingtalk", pgettext_lazy("chat", "DingTalk")
        FEISHU = "feishu", pgettext_lazy("chat", "Feishu")

    class Audience(models.TextChoices):
        STAFF = "staff", pgettext_lazy("chat", "staff")
        RESIDENTS = "residents", pgettext_lazy("chat", "residents")

    class Language(models.TextChoices):
        ZH = "zh", "中文"
        EN = "en", "English"

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # what concerns it is told
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    audience = models.CharField(max_length=9, choices=Audience)
    colour = models.SmallIntegerField(choices=Colour, default=Colour.BLUE)  # the mildest that is told
    exercises = models.BooleanField(default=False)  # of staff only
    language = models.CharField(max_length=2, choices=Language, default=Language.ZH, db_default=Language.ZH)
    address = SealedField(label="chat.address")
    secret = SealedField(label="chat.secret", null=True)  # that signs, where the robot asks for it
    mark = models.BinaryField(max_length=16, unique=True)  # blind index of the address
    ends = models.CharField(max_length=4)  # the last characters of the key, to recognise it
    enabled = models.BooleanField(default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    next_at = models.DateTimeField()  # nothing is posted before: the pace, one post at a time, a rest it asked for
    tested_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # its app said without a post whether it knows it (chat.asking)
    good_at = models.DateTimeField(null=True)  # it took a post
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)  # why, as in channels.reasons; "" since it took one again

    class Meta:
        ordering = ["place", "name", "id"]

    def __str__(self) -> str:
        return self.name


class ChatNote(models.Model):
    """A due row: one message of a warning for one group. `due_at` is null when nothing more is tried."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("chat", "waiting")
        SENT = "sent", pgettext_lazy("chat", "taken by the robot")
        REFUSED = "refused", pgettext_lazy("chat", "refused")
        OVER = "over", pgettext_lazy("chat", "over before it could go")

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, related_name="notes")
    after = models.BooleanField()  # owed only to a group that was told what this follows
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    maybe = models.BooleanField(default=False)  # a try had no answer: the group may have read it
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["event", "group"], name="chat_note_once")]
        indexes = [
            models.Index(fields=["due_at"], name="chat_note_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["sent_at"], name="chat_note_sent", condition=Q(sent_at__isnull=False)),
        ]
