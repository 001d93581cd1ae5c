"""Add, change, switch off and try out the account of a place. Secrets go in and never come out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting import desk, senders
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Health, Installed, Outcome
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.models import ChannelAccount
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.errors import Conflict, NotFound, Refusal, Text
from lastmile.kernel.permissions import Actor, Perm, may, obtain, require, within

DEAREST = Decimal(100)  # yuan for one message


def seen(actor: Actor) -> QuerySet[ChannelAccount]:
    """Those of the actor's places, by place."""
    rows = ChannelAccount.objects.select_related("place").order_by("place_id", "channel")
    return rows.filter(within(actor.scopes(Perm.SYSTEM_CONFIGURE), "place__code"))


def get(actor: Actor, number: int) -> ChannelAccount:
    """Raises NotFound where there is none in the actor's places."""
    rows = ChannelAccount.objects.select_related("place")
    perm = Perm.SYSTEM_CONFIGURE
    return obtain(rows, actor, perm, see=perm, place_of=lambda one: one.place_id, pk=min(number, 2**31 - 1))


def place_of(actor: Actor, code: str) -> Place:
    """Raises NotFound for a place that is none, or outside the actor's area."""
    found = None if "\0" in code else Place.objects.current().filter(pk=code[:15]).first()
    if found is None or not may(actor, Perm.SYSTEM_CONFIGURE, found.code):
        raise NotFound(_("There is no such place, or it is outside your area."), _("Choose a place from the list."))
    return found


def kind_of(channel: str, kind: str) -> tuple[str, str]:
    """The two as they may stand together; the usual kind of the channel where none is said. Raises Refusal."""
    kinds = senders.KINDS_OF.get(channel, ())
    if not kinds:
        raise Refusal(
            _("There are no accounts for this channel."),
            _("Choose from: %(names)s.") % {"names": ", ".join(senders.KINDS_OF)},
        )
    if kind and kind not in kinds:
        raise Refusal(
            _("This channel can't be spoken to in that way."),
            _("Choose from: %(names)s.") % {"names": ", ".join(kinds)},
        )
    return channel, kind or kinds[0]


@transaction.atomic
def add(actor: Actor, place: Place, channel: str, kind: str, raw: Mapping[str, Any]) -> ChannelAccount:
    """A new account of the place. Raises Refusal by field, or Conflict where it has one for this channel."""
    require(actor, Perm.SYSTEM_CONFIGURE, place.code)
    channel, kind = kind_of(channel, kind)
    account = ChannelAccount(place=place, channel=channel, kind=kind, **_checked(raw))
    account.settings = json.dumps(senders.read(kind, raw), ensure_ascii=False)
    account.changed_at = clock.now()
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        says = _("%(place)s has an account for this channel already.") % {"place": place.name}
        raise Conflict(says, _("Change that one, or choose another place.")) from error
    audit.record("channels.account_added", actor=actor, place=place.code, obj=account, channel=channel, kind=kind)
    return account


@transaction.atomic
def change(actor: Actor, account: ChannelAccount, raw: Mapping[str, Any]) -> list[str]:
    """Names of what has changed; a secret that is left empty stays. Raises Refusal by field."""
    require(actor, Perm.SYSTEM_CONFIGURE, account.place_id)
    account = ChannelAccount.objects.select_for_update().get(pk=account.pk)
    before = senders.opened(account)
    values = senders.read(account.kind, raw, before)
    plain = _checked(raw)
    changed = [name for name, value in values.items() if value != before.get(name)]
    changed += [name for name, value in plain.items() if value != getattr(account, name)]
    if changed:
        for name, value in plain.items():
            setattr(account, name, value)
        account.settings = json.dumps(values, ensure_ascii=False)
        account.changed_at = clock.now()
        account.save()
        audit.record("channels.account_changed", actor=actor, place=account.place_id, obj=account, fields=changed)
    return changed


@transaction.atomic
def switch(actor: Actor, account: ChannelAccount, *, on: bool) -> None:
    """Without it, messages leave by the account above, or by the installation's own."""
    require(actor, Perm.SYSTEM_CONFIGURE, account.place_id)
    values = {"enabled": on, "changed_at": clock.now()}
    if ChannelAccount.objects.filter(pk=account.pk).exclude(enabled=on).update(**values):
        audit.record(f"channels.account_{'on' if on else 'off'}", actor=actor, place=account.place_id, obj=account)


def made(account: ChannelAccount) -> Installed:
    """Its channel, with connections of its own. Raises Refusal where the settings can't be used."""
    try:
        return senders.make(account.kind, senders.values_of(account), account.pk)
    except (BadShape, ValueError) as error:
        raise Refusal(
            _("The settings of this account can't be opened with the present keys, or are of another version."),
            _("Write them anew and save."),
        ) from error


def health(account: ChannelAccount) -> Health:
    """Ask the far side now; nothing is sent."""
    try:
        return desk.ask(made(account))
    except Refusal as refusal:
        return Health(ok=False, says=f"{refusal.says} {refusal.mend}")


def test(actor: Actor, account: ChannelAccount, address: str) -> Outcome:
    """A marked test message to an address of the person's own, which is not kept."""
    require(actor, Perm.SYSTEM_CONFIGURE, account.place_id)
    limits.take(f"channel test {actor.pk}", desk.TESTS_PER_MINUTE)
    outcome = desk.try_out(made(account), address)
    audit.record("channels.account_test", actor=actor, place=account.place_id, obj=account, outcome=outcome.what.value)
    return outcome


def label(channel: str) -> str:
    return registry.channel(channel).label


def _checked(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Name and price. Raises Refusal by field."""
    wrong: dict[str, Text] = {}
    name = str(raw.get("name") or "").strip()
    if not name or len(name) > 60 or "\0" in name:
        wrong["name"] = _("Give it a name of at most 60 characters.")
    try:
        price = Decimal(str(raw.get("price") or "0").strip()).quantize(Decimal("0.0001"))
        if not 0 <= price <= DEAREST:
            raise InvalidOperation
    except InvalidOperation:
        wrong["price"] = _("A price in yuan from 0 to 100, as 0.045.")
    per = str(raw.get("per") or ChannelAccount.Per.PART)
    if per not in ChannelAccount.Per.values:
        wrong["per"] = _("Choose one of: %(names)s.") % {"names": ", ".join(ChannelAccount.Per.values)}
    if wrong:
        raise Refusal(_("Some fields can't be used."), _("Correct the fields that are marked."), fields=wrong)
    return {"name": name, "price": price, "per": per}
