"""Posts of six departments over a tree, for demos and drills."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from lastmile.community.org.models import Line, Post
from lastmile.community.people.models import Appointment
from lastmile.duties.sample import DEPARTMENTS
from tests.world import World

pytestmark = pytest.mark.django_db


def test_departments_get_posts_at_city_county_and_township_once(capsys: pytest.CaptureFixture[str]) -> None:
    World.build(people=False)
    call_command("duties", "sample", "--place", "4101")
    rows = Post.objects.exclude(department="")
    assert set(rows.values_list("line", flat=True)) == {line.value for line in DEPARTMENTS}
    assert rows.count() == len(DEPARTMENTS) * 5  # city, two counties, two townships
    assert rows.get(place="410182109", line=Line.POLICE).department == "派出所"
    held = Appointment.objects.count()
    assert held > rows.count()
    call_command("duties", "sample", "--place", "4101")
    assert Post.objects.exclude(department="").count() == rows.count()
    assert "30 posts" in capsys.readouterr().out
    call_command("duties", "refresh")
    assert "sums changed" in capsys.readouterr().out
