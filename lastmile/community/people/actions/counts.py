"""Keep the counts on each door right."""

from __future__ import annotations

from django.db.models import Count, Q

from lastmile.community.people.models import Household, Person


def recount(household: Household | None) -> None:
    """Count who lives behind the door now, and how many of them are vulnerable."""
    if household is None:
        return
    present = Person.objects.filter(household=household, left_on=None)
    counts = present.aggregate(residents=Count("id"), vulnerable=Count("id", filter=Q(vulnerable=True)))
    Household.objects.filter(pk=household.pk).update(**counts)
    household.residents, household.vulnerable = counts["residents"], counts["vulnerable"]
