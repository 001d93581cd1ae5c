"""Write and drop a place's own rule of channels."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import ChannelRule
from lastmile.community.org.models import Place
from lastmile.kernel import audit
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, require


@transaction.atomic
def set_rule(
    actor: Actor, place: Place, *, colour: int, hazard: str, when: str, channels: Sequence[str], frail: str
) -> ChannelRule:
    """The place's own rule, for drafts begun and warnings issued from now on. Raises Refusal, NotAllowed."""
    require(actor, Perm.ALERT_RULE, place.code)
    names = list(dict.fromkeys(channels))
    _require_sense(names, hazard, when, frail)
    rule, _new = ChannelRule.objects.update_or_create(
        place=place,
        colour=Colour(colour),
        hazard=hazard,
        when=when,
        defaults={"channels": names, "frail": frail},
    )
    audit.record(
        "alerting.channel_rule",
        actor=actor,
        place=place.code,
        obj=rule,
        colour=int(colour),
        hazard=hazard,
        when=when,
        channels=names,
        frail=frail,
    )
    return rule


def _require_sense(names: Sequence[str], hazard: str, when: str, frail: str) -> None:
    if hazard and hazard not in Hazard.values:
        raise NotFound(_("There is no such hazard."), _("Go back to the list."))
    if when not in ChannelRule.When.values:
        raise Refusal(_("There is no such time of day."), _("Choose any time, day or night."), status=422)
    unknown = [name for name in names if name not in registry.in_service()]
    if unknown or not names:
        raise Refusal(
            _("Choose at least one channel, of those in service."),
            _("Choose from: %(names)s.") % {"names": ", ".join(registry.in_service())},
            status=422,
            fields={"channels": _("unknown")},
        )
    if frail and (frail not in names or registry.capabilities(frail).contact != "phone"):
        raise Refusal(
            _("The vulnerable can be told first only on a channel of the rule that reaches a phone."),
            _("Put that channel into the list, or leave the choice open."),
            status=422,
            fields={"frail": _("unknown")},
        )


@transaction.atomic
def drop_rule(actor: Actor, place: Place, key: int) -> None:
    """Back to the rule above, or to the default."""
    require(actor, Perm.ALERT_RULE, place.code)
    rule = ChannelRule.objects.filter(place=place, pk=key).first()
    if rule is None:
        raise NotFound(_("There is no such rule."), _("Go back to the list."))
    audit.record(
        "alerting.channel_rule_dropped",
        actor=actor,
        place=place.code,
        obj=rule,
        colour=rule.colour,
        hazard=rule.hazard,
        when=rule.when,
    )
    rule.delete()
