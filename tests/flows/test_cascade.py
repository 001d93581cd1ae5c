"""叫应 told as stories: a tree of four levels, silence that climbs by name, and a clock that is forwarded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lastmile.alerting import coverage, links, returns
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.cascade.rules import Rules
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.fake import transport
from lastmile.alerting.channels.sms import callbacks
from lastmile.alerting.door.visits import Visit, serve
from lastmile.alerting.models import AlertEvent, Call, CallAttempt, CallState, Fact, Ladder, Receipt
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import Level, Place, Post
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Contact, Leave, Person
from lastmile.duties.actions import done
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.world import World, phone

pytestmark = pytest.mark.django_db
CITY, COUNTY, TOWN, VILLAGE, GRID = "4101", "410182", "410182109", "410182109211", "410182109211001"
LEVELS = (CITY, COUNTY, TOWN, VILLAGE, GRID)


@pytest.fixture
def phones(monkeypatch: pytest.MonkeyPatch, settings: Any) -> transport.FakeChannel:
    """One network of invented phones that write, in service alone."""
    made = transport.FakeChannel()
    settings.CHANNELS = ["fake"]
    monkeypatch.setitem(registry.MAKERS, "fake", lambda: made)
    return made


@pytest.fixture
def world() -> World:
    return World.build()


@pytest.fixture
def city(world: World, phones: transport.FakeChannel) -> City:
    return City(world, phones)


class City:
    """The tree, its phones, and a clock."""

    def __init__(self, world: World, phones: transport.FakeChannel) -> None:
        self.world, self.phones, self.desk = world, phones, Desk(world)

    def warn(self, **changes: object) -> AlertEvent:
        self.event = self.desk.issued(**{"channels": ["fake"], **changes})
        self.live()
        return self.event

    def live(self, **forward: float) -> None:
        """Let time pass in steps of ten seconds, as the workers would."""
        until = clock.now() + timedelta(**forward)
        while True:
            coverage.fold()
            tick.relay()
            tick.run()
            calling.run()
            self.phones.network.step(clock.now().timestamp())
            if clock.now() >= until:
                break
            clock.forward(seconds=10)

    def call(self, place: str) -> Call:
        return Call.objects.filter(place=place).latest("pk")

    def state(self, place: str) -> str:
        return self.call(place).state

    def states(self) -> dict[str, str]:
        return {place: self.state(place) for place in LEVELS}

    def number(self, person: Person) -> str:
        return str(Contact.objects.get(person=person).value.reveal())

    def inbox(self, person: Person) -> list[str]:
        """What came as a call, newest last."""
        return [shown.text for shown in self.phones.network.inbox(self.number(person)) if "叫应" in shown.text]

    def says(self, person: Person, fact: Fact = Fact.CONFIRMED, by: int | None = None) -> None:
        key = f"t:{person.pk}:{fact}:{clock.now().timestamp()}"
        append([NewReceipt(key, self.event.pk, person.pk, fact, "link" if by is None else "staff", clock.now(), by=by)])
        self.live()

    def deputy(self, place: str) -> Person:
        person = add_person(name="赵副手", place=self.world.places[place], phone=phone())
        post = Call.objects.filter(place=place).latest("pk").post if Call.objects.exists() else None
        held = Appointment.objects.get(person=self.world.staff[place])
        Appointment.objects.create(post=post or held.post, person=person, role="deputy", since=clock.today())
        return person

    def staff(self, place: str) -> Person:
        return self.world.staff[place]


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


class Link:
    """The personal page of somebody, as they tap on it."""

    def __init__(self, city: City, person: Person) -> None:
        self.city, self.person, self.taps = city, person, 0

    def page(self, act: str = "", about: int = 0) -> str:
        self.taps += 1
        token = links.token(self.city.event.pk, self.person.pk)
        visit = Visit(token, self.city.event.pk, self.person.pk, act=act, nonce=f"n{self.taps}", about=about)
        return serve([visit])[0].body.decode()


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
