"""叫应 told as stories: a tree of four levels, silence that climbs by name, and a clock that is forwarded."""

from __future__ import annotations

import pytest

from lastmile.alerting import returns
from lastmile.alerting.cascade.rules import Rules
from lastmile.alerting.channels.sms import callbacks
from lastmile.alerting.models import Call, CallAttempt, CallState, Fact, Ladder, Receipt
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.community.org.models import Level, Place, Post
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Leave
from lastmile.duties.actions import done
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.flows.city import CITY, COUNTY, GRID, LEVELS, TOWN, VILLAGE, City
from tests.world import phone

pytestmark = pytest.mark.django_db


def test_every_level_must_answer_and_hears_of_it_at_once(city: City) -> None:
    city.warn()
    assert city.states() == dict.fromkeys(LEVELS, "calling")
    assert CallAttempt.objects.filter(state="carried").count() == 5  # the warning's own message was the first
    assert all(city.inbox(city.staff(place)) == [] for place in LEVELS)
    city.live(seconds=100)
    assert all(len(city.inbox(city.staff(place))) == 1 for place in LEVELS)


def test_everyone_is_silent(city: City) -> None:
    city.warn()
    city.live(minutes=5, seconds=10)
    assert city.state(VILLAGE) == CallState.SUPERIOR
    told = city.inbox(city.staff(TOWN))[-1]
    assert "王宗店村委会负责人王负责没有应答" in told
    city.live(minutes=5, seconds=10)
    assert city.state(VILLAGE) == CallState.DOOR
    assert city.state(CITY) == CallState.DOOR  # nobody stands above it
    owed = Obligation.objects.get(kind="alerting.call_door", place=VILLAGE)
    assert owed.post_id == city.call(TOWN).post_id
    assert "没有应答" not in "".join(city.inbox(city.staff(GRID)))


def test_an_answer_ends_the_calls_to_that_person_and_to_nobody_else(city: City) -> None:
    city.warn()
    city.live(minutes=1)
    city.says(city.staff(VILLAGE))
    city.live(minutes=3)
    assert city.inbox(city.staff(VILLAGE)) == []  # silence is the proof: no second message
    assert len(city.inbox(city.staff(TOWN))) == 2
    assert city.state(TOWN) == CallState.CALLING
    call = city.call(VILLAGE)
    assert (call.confirmed_by, call.confirmed_via) == (city.staff(VILLAGE).pk, "link")


def test_a_digit_by_sms_confirms_and_another_says_it_was_passed_on(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.warn()
    number = city.number(city.staff(VILLAGE))

    def reply(digit: str) -> None:
        said = callbacks.Reply(f"{digit}-1", number, digit, digit, clock.now())
        monkeypatch.setattr(callbacks, "replies", lambda _body, _headers: [said])
        returns.take_replies(b"", {})
        city.live()

    reply("5")
    assert city.call(VILLAGE).relayed_at is not None
    assert Receipt.objects.filter(person=city.staff(VILLAGE).pk, fact=Fact.READ).exists()
    assert city.state(VILLAGE) == CallState.CALLING  # told on, yet not confirmed: two facts, two clocks
    reply("1")
    assert city.state(VILLAGE) == CallState.DONE


def test_a_holder_on_leave_is_not_called_but_the_deputy_is(city: City) -> None:
    deputy, holder = city.deputy(TOWN), city.staff(TOWN)
    Leave.objects.create(person=holder, first_day=clock.today(), last_day=clock.today())
    city.warn()
    assert city.state(TOWN) == CallState.DEPUTY
    assert "您代崔庙镇负责人值守" in city.inbox(deputy)[-1]
    city.live(minutes=4)
    assert city.inbox(holder) == []
    assert len(city.inbox(deputy)) == 3
    city.says(deputy)
    assert city.call(TOWN).confirmed_by == deputy.pk


def test_a_deputy_on_leave_too_sends_it_straight_to_the_superior(city: City) -> None:
    deputy = city.deputy(TOWN)
    for person in (deputy, city.staff(TOWN)):
        Leave.objects.create(person=person, first_day=clock.today(), last_day=clock.today())
    city.warn()
    call = city.call(TOWN)
    assert (call.state, call.why, call.superior) == (CallState.SUPERIOR, "away", city.staff(COUNTY).pk)
    assert "崔庙镇负责人王负责没有应答" in city.inbox(city.staff(COUNTY))[-1]


def test_what_a_deputy_said_for_themselves_does_not_answer_for_the_post(city: City) -> None:
    deputy = city.deputy(TOWN)
    city.warn()
    city.says(deputy)  # they know the warning as a resident, and were not called for the post yet
    city.live(minutes=5, seconds=10)
    assert city.state(TOWN) == CallState.DEPUTY
    city.says(deputy)
    assert city.state(TOWN) == CallState.CONFIRMED


def test_the_holder_can_confirm_after_the_superior_was_told(city: City) -> None:
    city.warn()
    city.live(minutes=10, seconds=20)
    assert city.state(VILLAGE) == CallState.DOOR
    city.says(city.staff(VILLAGE))
    assert city.state(VILLAGE) == CallState.CONFIRMED
    assert Obligation.objects.get(kind="alerting.call_door", place=VILLAGE).state == "withdrawn"
    assert city.state(TOWN) == CallState.DOOR


def test_a_superior_who_takes_over_is_not_called_again_and_the_door_waits(city: City) -> None:
    city.warn()
    city.live(minutes=5, seconds=10)
    superior = city.staff(TOWN)
    before = len(city.inbox(superior))
    city.says(superior, Fact.TAKEN_OVER)
    city.live(minutes=4)
    assert city.state(VILLAGE) == CallState.SUPERIOR
    assert [text for text in city.inbox(superior)[before:] if "王宗店" in text] == []
    assert city.state(TOWN) != CallState.CONFIRMED  # looking after another is no answer of one's own
    city.live(minutes=1, seconds=10)
    assert city.state(VILLAGE) == CallState.DOOR


def test_one_superior_hears_of_several_silent_people_in_one_call(city: City) -> None:
    for name in ("防汛", "信息"):
        kind = {"防汛": "flood", "信息": "information"}[name]
        post = Post.objects.create(place_id=VILLAGE, kind=kind, title=f"{name}负责人")
        person = add_person(name=f"{name}员", place=city.world.places[VILLAGE], phone=phone())
        Appointment.objects.create(post=post, person=person, role="holder", since=clock.today())
    city.warn()
    city.live(minutes=5, seconds=10)
    texts = [text for text in city.inbox(city.staff(VILLAGE)) if "没有应答" in text]  # the leader of the same place
    assert len(texts) == 1
    assert all(name in texts[0] for name in ("防汛员", "信息员"))


def test_a_mistaken_confirmation_is_taken_back_and_calling_goes_on(city: City) -> None:
    city.warn()
    city.live(minutes=1)
    city.says(city.staff(VILLAGE), by=city.world.village.pk)
    assert city.state(VILLAGE) == CallState.CONFIRMED
    clock.forward(seconds=30)
    city.says(city.staff(VILLAGE), Fact.UNDONE, by=city.world.village.pk)
    assert city.state(VILLAGE) == CallState.CALLING
    assert len(city.inbox(city.staff(VILLAGE))) == 1
    assert [e.what for e in city.call(VILLAGE).entries.all()][-3:] == ["confirmed", "undone", "called"]


def test_a_confirmation_that_nothing_followed_is_asked_again_then_the_superior_is_told(city: City) -> None:
    city.warn()
    person = city.staff(VILLAGE)
    city.says(person)
    city.live(minutes=9)
    assert not any("您已确认" in text for text in city.inbox(person))
    city.live(minutes=1, seconds=10)
    assert city.state(VILLAGE) == CallState.ASKED
    assert any("还没有人收到" in text for text in city.inbox(person))
    city.live(minutes=5, seconds=10)
    assert city.state(VILLAGE) == CallState.RAISED
    assert "还没有向下传达" in city.inbox(city.staff(TOWN))[-1]
    city.says(person, Fact.RELAYED)
    assert city.state(VILLAGE) == CallState.DONE


def test_it_counts_as_passed_on_once_the_level_below_has_confirmed(city: City) -> None:
    city.warn()
    city.says(city.staff(TOWN))
    assert city.state(TOWN) == CallState.CONFIRMED
    city.says(city.staff(VILLAGE))
    city.live(seconds=10)
    assert city.call(TOWN).relayed_via == "below"
    assert city.state(TOWN) == CallState.DONE


def test_it_counts_as_passed_on_once_the_households_were_reached(city: City) -> None:
    city.warn()
    city.says(city.staff(GRID))
    homes = [person for person in city.world.residents if person.place_id == GRID]
    now = clock.now()
    append([NewReceipt(f"d{p.pk}", city.event.pk, p.pk, Fact.DELIVERED, "fake", now) for p in homes])
    city.live(seconds=10)
    assert city.call(GRID).relayed_via == "below"
    assert city.state(GRID) == CallState.DONE


@pytest.mark.parametrize(("share", "enough"), [(80, False), (50, True)])
def test_how_many_below_are_enough_says_the_frozen_ladder(city: City, share: int, enough: bool) -> None:
    """The township has two villages; one of them has confirmed."""
    code = "410182109212"
    place = Place.objects.create(code=code, name="第二村", national_code=code, parent_id=TOWN, level=5)
    Post.objects.create(place=place, kind="leader", title="负责人")
    rules = Ladder.objects.create(
        place_id=COUNTY, level=Level.TOWNSHIP, rules=Rules(share=share).as_json(), changed_at=clock.now()
    )
    city.warn(audience={"places": [TOWN], "groups": ["residents", "responsible"]})
    Ladder.objects.filter(pk=rules.pk).update(rules=Rules(share=1).as_json())  # too late for this warning
    city.says(city.staff(TOWN))
    city.says(city.staff(VILLAGE))
    city.live(seconds=10)
    assert city.state(TOWN) == (CallState.DONE if enough else CallState.CONFIRMED)


def test_an_all_clear_stops_every_call_and_reaches_whoever_was_called(city: City) -> None:
    deputy = city.deputy(VILLAGE)
    city.warn()
    city.live(minutes=5, seconds=10)
    assert city.inbox(deputy)
    before = city.event
    over = city.desk.follow(before, "lift")
    city.live(seconds=10)
    told = len(city.inbox(deputy))
    assert set(Call.objects.values_list("state", flat=True)) == {"stopped"}
    city.live(minutes=30)
    assert len(city.inbox(deputy)) == told
    assert not Call.objects.filter(event=over).exists()
    listed = {p for row in over.manifests.all() for p in row.person_ids}
    assert deputy.pk in listed  # those told get it
    assert not Obligation.objects.filter(kind="alerting.call_door", closed_at=None).exists()


def test_an_update_of_the_same_colour_wakes_nobody_again(city: City) -> None:
    city.warn()
    city.says(city.staff(VILLAGE))
    city.live(minutes=5, seconds=10)
    before = city.call(TOWN)
    city.event = city.desk.follow(city.event, "update", description="雨还在下。")
    city.live()
    assert city.call(VILLAGE).state == CallState.CONFIRMED
    assert (city.call(TOWN).state, city.call(TOWN).since) == (before.state, before.since)
    assert Call.objects.get(pk=before.pk).state == CallState.STOPPED
    city.live(minutes=2)
    assert not any("收到请" in text for text in city.inbox(city.staff(VILLAGE)))


def test_an_update_keeps_the_door_open(city: City) -> None:
    city.warn()
    city.live(minutes=10, seconds=20)
    assert city.state(VILLAGE) == CallState.DOOR
    city.event = city.desk.follow(city.event, "update", description="雨还在下。")
    city.live(seconds=20)
    assert city.state(VILLAGE) == CallState.DOOR
    assert Obligation.objects.filter(kind="alerting.call_door", place=VILLAGE, closed_at=None).count() == 1


def test_who_went_to_the_door_is_heard_after_an_update_too(city: City) -> None:
    city.warn()
    city.live(minutes=10, seconds=20)
    owed = Obligation.objects.get(kind="alerting.call_door", place=VILLAGE)
    city.event = city.desk.follow(city.event, "update", description="雨还在下。")
    city.live(seconds=20)
    done(city.world.township, owed)
    assert city.call(VILLAGE).confirmed_via == "door"
    assert city.state(VILLAGE) == CallState.CONFIRMED


def test_a_more_severe_update_must_be_answered_anew(city: City) -> None:
    city.warn(colour=2)
    city.says(city.staff(VILLAGE))
    city.event = city.desk.follow(city.event, "update", colour=1)
    city.live()
    assert city.call(VILLAGE).state == CallState.CALLING


def test_a_yellow_warning_at_night_waits_for_the_morning(city: City) -> None:
    with clock.frozen(clock.now().astimezone(clock.BEIJING).replace(hour=23, minute=30)):
        city.warn(colour=3)
        city.live(minutes=20)
        assert set(city.states().values()) == {"waiting"}
        assert all(city.inbox(city.staff(place)) == [] for place in LEVELS)
        clock.forward(hours=7, minutes=15)
        city.live(seconds=10)
        assert city.state(VILLAGE) == CallState.CALLING
        assert "收到请回复1" in city.inbox(city.staff(VILLAGE))[-1]
