"""What a superior says about the silent on their own link: one tap a name, for that post alone, and taken back."""

from __future__ import annotations

import pytest

from lastmile.alerting import links
from lastmile.alerting.door.visits import Visit, serve
from lastmile.alerting.models import Call, CallState, Fact, Receipt
from lastmile.community.org.models import Place, Post
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment
from lastmile.kernel import clock
from tests.flows.city import COUNTY, GRID, TOWN, VILLAGE, City, Link
from tests.world import phone

pytestmark = pytest.mark.django_db


def test_a_superior_reached_one_of_the_silent_and_takes_it_back(city: City) -> None:
    city.warn()
    city.live(minutes=5, seconds=10)
    link, call = Link(city, city.staff(TOWN)), city.call(VILLAGE)
    assert f"reached-{call.pk}" in link.page()
    assert "我已联系到，本人已知晓" in link.page()
    page = link.page("reached", call.pk)
    found = city.call(VILLAGE)
    assert (found.state, found.confirmed_via, found.confirmed_by) == ("confirmed", "superior", city.staff(VILLAGE).pk)
    receipt = Receipt.objects.get(person=city.staff(VILLAGE).pk, fact=Fact.CONFIRMED)
    assert receipt.by is not None  # staff's word for the post, not the holder's own
    assert [entry.person for entry in found.entries.filter(what="reached")] == [city.staff(TOWN).pk]
    assert city.state(TOWN) != CallState.CONFIRMED  # it is no answer for the superior's own post
    assert f"unsay-{call.pk}" in page

    def asked() -> int:
        return sum("收到请" in text for text in city.inbox(city.staff(VILLAGE)))

    told = asked()
    city.live(minutes=2)
    link.page("unsay", call.pk)
    assert city.call(VILLAGE).confirmed_at is None
    city.live(minutes=1)
    assert city.state(VILLAGE) in (CallState.SUPERIOR, CallState.DOOR)
    assert asked() == told  # it goes on where it stood: with the superior


def test_a_superior_looks_after_one_and_leaves_the_other_to_the_ladder(city: City) -> None:
    code = "410182109212"
    place = Place.objects.create(code=code, name="第二村", national_code=code, parent_id=TOWN, level=5)
    post = Post.objects.create(place=place, kind="leader", title="负责人")
    person = add_person(name="李二村", place=place, phone=phone())
    Appointment.objects.create(post=post, person=person, role="holder", since=clock.today())
    city.warn(audience={"places": [TOWN], "groups": ["residents", "responsible"]})
    city.live(minutes=5, seconds=10)
    link, minded = Link(city, city.staff(TOWN)), city.call(VILLAGE)
    page = link.page("mind", minded.pk)
    assert "由您接手" in page
    assert city.call(VILLAGE).taken_at is not None
    assert city.call(code).taken_at is None
    assert [entry.person for entry in minded.entries.filter(what="taken")] == [city.staff(TOWN).pk]
    city.live(minutes=4)
    assert city.state(VILLAGE) == CallState.SUPERIOR  # nobody calls about it while they look after it
    clock.forward(seconds=1)
    link.page("unsay", minded.pk)
    assert city.call(VILLAGE).taken_at is None
    city.live(seconds=20)
    assert minded.entries.filter(what="undone", why="taken").exists()


def test_nobody_speaks_for_a_post_they_were_not_called_about(city: City) -> None:
    city.warn()
    city.live(minutes=5, seconds=10)
    call = city.call(VILLAGE)
    for stranger in (city.staff(GRID), city.staff(COUNTY), city.world.residents[0]):
        for act in ("reached", "mind", "unsay"):
            Link(city, stranger).page(act, call.pk)
    assert Link(city, city.staff(TOWN)).page("reached", 2**62)
    assert city.call(VILLAGE).confirmed_at is None
    assert city.call(VILLAGE).taken_at is None


def test_the_same_tap_sent_twice_is_one_answer(city: City) -> None:
    city.warn()
    city.live(minutes=5, seconds=10)
    call, person = city.call(VILLAGE), city.staff(TOWN)
    visit = Visit(
        links.token(city.event.pk, person.pk), city.event.pk, person.pk, act="reached", nonce="n", about=call.pk
    )
    serve([visit, visit])
    serve([visit])
    assert Receipt.objects.filter(person=city.staff(VILLAGE).pk, fact=Fact.CONFIRMED).count() == 1
    assert call.entries.filter(what="reached").count() == 1


def test_who_looks_after_one_post_of_a_person_looks_after_no_other(city: City) -> None:
    """The village's leader also holds a post of the county: another superior stands above that one."""
    post = Post.objects.create(place_id=COUNTY, kind="flood", title="防汛专员")
    Appointment.objects.create(post=post, person=city.staff(VILLAGE), role="holder", since=clock.today())
    city.warn()
    city.live(minutes=5, seconds=10)
    other = Call.objects.get(post=post)
    assert other.superior == city.staff(COUNTY).pk
    Link(city, city.staff(TOWN)).page("mind", city.call(VILLAGE).pk)
    other.refresh_from_db()
    assert city.call(VILLAGE).taken_at is not None
    assert other.taken_at is None
