"""The form of an account: empty, as it stands, or as it was written with what is wrong beside each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lastmile.alerting import senders
from lastmile.alerting.accounts import actions
from lastmile.alerting.models import ChannelAccount, Rest
from lastmile.community.accounts import words
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry

PAGE = "alerting/accounts/page.html"
SHOWN = 30  # entries of the history


class AccountPage:
    """`account` None: one that is being added."""

    def __init__(
        self, request: HttpRequest, place: Place, channel: str, kind: str, account: ChannelAccount | None = None
    ) -> None:
        self.request, self.place, self.channel, self.kind, self.account = request, place, channel, kind, account

    def shown(self, refusal: Refusal | None = None) -> HttpResponse:
        if refusal is not None and not refusal.fields:
            raise refusal
        written: Mapping[str, Any] = self.request.POST if refusal else self._present()
        wrong = refusal.fields if refusal else {}
        label = actions.label(self.channel)
        kinds = [(name, senders.LABELS[name]) for name in senders.KINDS_OF[self.channel]]
        context = {
            "title": f"{self.place.name} · {label}",
            "place": self.place,
            "channel": self.channel,
            "label": label,
            "kind": self.kind,
            "kinds": kinds,
            "kind_label": senders.LABELS[self.kind],
            "account": self.account,
            "fields": [self._field(field, written, wrong) for field in senders.KINDS[self.kind].fields],
            "name": written.get("name", ""),
            "price": written.get("price", "0"),
            "per": written.get("per", ChannelAccount.Per.PART),
            "pers": ChannelAccount.Per.choices,
            "wrong": wrong,
            "history": _history(self.account),
            "rest": _rest(self.account),
        }
        return render(self.request, PAGE, context, status=refusal.status if refusal else 200)

    def _present(self) -> dict[str, Any]:
        account = self.account
        if account is None:
            return {}
        return {**senders.opened(account), "name": account.name, "price": f"{account.price:f}", "per": account.per}

    def _field(self, field: senders.Field, written: Mapping[str, Any], wrong: Mapping[str, Any]) -> dict[str, Any]:
        value = written.get(field.name, field.default)
        if field.form == "secret":
            value = ""  # never back to the page
        elif field.form == "json":
            value = senders.json_text(value)
        return {
            "name": field.name,
            "label": field.label,
            "form": field.form,
            "value": value,
            "checked": value in (True, "1", "on"),
            "required": field.required and not (field.form == "secret" and self.account is not None),
            "choices": field.choices,
            "most": field.most,
            "wrong": wrong.get(field.name, ""),
            "kept": field.form == "secret" and self.account is not None,
        }


def _rest(account: ChannelAccount | None) -> Rest | None:
    if account is None:
        return None
    return Rest.objects.filter(pk=f"{account.channel}#{account.pk}", until__gt=clock.now()).first()


def _history(account: ChannelAccount | None) -> list[tuple[AuditEntry, Any]]:
    if account is None:
        return []
    rows = AuditEntry.objects.filter(object_type=account._meta.label_lower, object_id=str(account.pk))
    return [(entry, words.of(entry.action)) for entry in rows.order_by("-id")[:SHOWN]]
