"""叫应 in the small city: the tree of four levels, its phones, and a clock that is forwarded."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from lastmile.alerting import coverage, links
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.channels.fake import transport
from lastmile.alerting.door.visits import Visit, serve
from lastmile.alerting.models import AlertEvent, Call, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Contact, Person
from lastmile.kernel import clock
from tests.world import World, phone

CITY, COUNTY, TOWN, VILLAGE, GRID = "4101", "410182", "410182109", "410182109211", "410182109211001"
LEVELS = (CITY, COUNTY, TOWN, VILLAGE, GRID)


class City:
    """The tree, its phones, and a clock."""

    def __init__(self, world: World, phones: transport.FakeChannel) -> None:
        self.world, self.phones, self.desk = world, phones, Desk(world)

    def warn(self, **changes: object) -> AlertEvent:
        self.event = self.desk.issued(**{"channels": ["fake"], **changes})
        self.live()
        return self.event

    def live(self, survive: tuple[type[Exception], ...] = (), **forward: float) -> None:
        """Let time pass in steps of ten seconds, as the workers would; where one dies the next one goes on."""
        until = clock.now() + timedelta(**forward)
        while True:
            for duty in (coverage.fold, tick.relay, tick.run, calling.run):
                with suppress(*survive):
                    duty()
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


class Link:
    """The personal page of somebody, as they tap on it."""

    def __init__(self, city: City, person: Person) -> None:
        self.city, self.person, self.taps = city, person, 0

    def page(self, act: str = "", about: int = 0) -> str:
        self.taps += 1
        token = links.token(self.city.event.pk, self.person.pk)
        visit = Visit(token, self.city.event.pk, self.person.pk, act=act, nonce=f"n{self.taps}", about=about)
        return serve([visit])[0].body.decode()
