"""Whoever was entered before `minor` existed counted as grown: a message on a child's phone told the household.

Their year of birth, or the entry as a child, says who is under 18.
"""

from __future__ import annotations

from django.db import migrations


def tell(apps, _schema):
    from lastmile.community.people.actions import grown

    grown.renew(apps.get_model("people", "Person").objects.all())


class Migration(migrations.Migration):
    dependencies = [("people", "0009_contact_places")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
