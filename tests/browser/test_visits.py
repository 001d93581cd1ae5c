"""Thirty doors on a phone, the network cut and the page loaded anew in the middle: nothing lost, nothing twice."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.plugin import DjangoDbBlocker

from lastmile.alerting import fold
from lastmile.alerting.models import AlertEvent, Fact, Receipt, Sent, Visit, VisitRound, Whom
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.alerting.visits import rounds
from lastmile.community.accounts.models import User
from lastmile.community.people.models import Household, Look, Person
from lastmile.kernel import clock
from tests.browser.conftest import House
from tests.browser.look import Seen, judge, listen
from tests.browser.test_offline import elsewhere
from tests.world import add_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
DOORS, TESTS = 30, 7
_numbers = iter(range(11, 99))
STORED = """async () => {
  const names = (await indexedDB.databases()).map((one) => one.name);
  if (!names.includes("lastmile-visits")) return {text: "", boxes: 0, taps: 0, readable: false};
  const db = await new Promise((resolve) => {
    const request = indexedDB.open("lastmile-visits");
    request.onsuccess = () => resolve(request.result);
  });
  const all = (store) => new Promise((resolve) => {
    const request = db.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => resolve(request.result);
  });
  const [boxes, taps, owners] = [await all("boxes"), await all("taps"), await all("owner")];
  db.close();
  const text = [...boxes, ...taps].map((box) => new TextDecoder().decode(box.data)).join("");
  return {text, boxes: boxes.length, taps: taps.length, readable: owners.some((owner) => owner.key.extractable)};
}"""


class Round:
    """A grid of its own with thirty households, after the deadline of a warning."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.grid = f"410182109211{next(_numbers):03d}"
        house.world.places[self.grid] = add_place(self.grid, "远处网格")
        house.world.settle(self.grid, DOORS, 34.65, 113.35)
        clock.forward(minutes=-30)
        self.event: AlertEvent = make_event(house.world)
        clock.forward(minutes=30)
        listed(self.event, list(Person.objects.filter(place=self.grid)), state=Sent.ACCEPTED)
        VisitRound.objects.create(event=self.event, due_at=clock.now(), whom=Whom.SILENT)
        rounds.tick()

    @property
    def address(self) -> str:
        return f"/visits/{self.event.alert.code}/{self.grid}/"

    def outcomes(self) -> Counter[int]:
        """How many doors were told each outcome, counting each tap that the ledger has."""
        first = Person.objects.filter(place=self.grid).order_by("household", "pk").distinct("household")
        rows = Receipt.objects.filter(event=self.event, channel="door", person__in=first.values("pk"))
        return Counter(rows.values_list("fact", flat=True))


@pytest.fixture(scope="module")
def prepared(house: House, django_db_blocker: DjangoDbBlocker) -> list[Round]:
    """A round for each test, made before the first: what a test writes itself is not seen by the server."""
    with django_db_blocker.unblock():
        return [Round(house) for _test in range(TESTS)]


@pytest.fixture
def one(prepared: list[Round]) -> Round:
    return prepared.pop()


def load(page: Page, one: Round) -> None:
    page.goto(one.address)
    expect(page.locator("#visits-state")).to_have_attribute("data-ready", "yes")
    expect(page.locator("#visits-progress")).to_contain_text("30")


def number_of(page: Page) -> str:
    """The door that is shown."""
    return page.locator("#visits-number").get_attribute("data-number") or ""


def found(page: Page, fact: Fact) -> None:
    """One tap; the next door is there at once."""
    number = number_of(page)
    page.locator(f"#visits-door [data-fact='{fact.value}']").click()
    expect(page.locator("#visits-last")).to_contain_text(number)


def waiting(page: Page, count: int) -> None:
    expect(page.locator("#visits-state")).to_have_attribute("data-waiting", str(count), timeout=15_000)


def cut_off(context: BrowserContext, page: Page, one: Round, facts: list[Fact]) -> None:
    """From the eleventh door to the last without a network, with a reload on the way."""
    context.set_offline(True)
    for fact in facts[10:17]:
        found(page, fact)
    waiting(page, 7)
    page.goto(one.address)  # the phone was put away; the page comes from the phone itself
    expect(page.locator("#visits-state")).to_contain_text("没有网络")
    waiting(page, 7)
    stored = page.evaluate(STORED)
    assert stored["taps"] == 7
    assert not stored["readable"]
    assert "村民" not in stored["text"]
    for fact in facts[17:]:
        found(page, fact)
    waiting(page, 20)
    context.set_offline(False)
    waiting(page, 0)


def test_thirty_doors_with_the_network_cut_and_a_reload_in_the_middle(house: House, one: Round) -> None:
    seen = Seen(one.address)
    facts = [Fact.CONFIRMED] * 8 + [Fact.MOVED] * 8 + [Fact.ABSENT] * 6 + [Fact.REFUSED] * 4 + [Fact.NEEDS_HELP] * 4

    def walk(context: BrowserContext, page: Page) -> None:
        listen(page, seen)
        load(page, one)
        judge(page, seen)
        page.set_viewport_size({"width": 390, "height": 844})
        for fact in facts[:10]:
            found(page, fact)
        waiting(page, 0)
        assert seen.complaints == []
        cut_off(context, page, one, facts)
        expect(page.locator("#visits-progress")).to_contain_text("6")  # where nobody was in

    house.phone("village", walk)
    elsewhere(fold.fold)  # as the worker does
    assert one.outcomes() == Counter(fact.value for fact in facts)
    assert Visit.objects.filter(event=one.event.pk, closed_at=None).count() == 6
    assert Receipt.objects.filter(event=one.event, channel="door").count() == 2 * DOORS
    assert Look.objects.filter(person__place=one.grid).count() == 2 * DOORS, "each person was looked at once"
    assert not [words for words in seen.complaints if "ERR_INTERNET_DISCONNECTED" not in words]


def test_two_phones_in_conflict_keep_both_and_say_so(house: House, one: Round) -> None:
    number = Household.objects.filter(place=one.grid).order_by("walking_order").values_list("number", flat=True)[0]

    def first(context: BrowserContext, page: Page) -> None:
        load(page, one)
        context.set_offline(True)
        found(page, Fact.MOVED)
        waiting(page, 1)
        second = house.chromium.phone(house.sessions["township"], house.server.url)
        beside = second.new_page()
        load(beside, one)
        found(beside, Fact.REFUSED)
        waiting(beside, 0)
        second.close()
        context.set_offline(False)
        waiting(page, 0)
        said = page.locator("#visits-said")
        expect(said).to_contain_text(number)
        expect(said).to_contain_text("拒绝转移")
        page.reload()
        expect(said).to_contain_text("拒绝转移")  # until it has been read
        said.get_by_role("button").click()
        expect(said).to_be_hidden()

    house.phone("village", first)
    assert one.outcomes() == Counter({Fact.MOVED.value: 1, Fact.REFUSED.value: 1})


def test_a_household_takes_two_taps_at_most(house: House, one: Round) -> None:

    def walk(_context: BrowserContext, page: Page) -> None:
        load(page, one)
        page.evaluate("() => { window.taps = 0; addEventListener('click', () => { window.taps += 1; }, true); }")
        page.locator("#visits-list [data-door]").nth(7).click()  # any door of the list …
        number = number_of(page)
        found(page, Fact.REFUSED)  # … and what was found there
        assert page.evaluate("() => window.taps") == 2
        expect(page.locator("#visits-last")).to_contain_text(number)
        found(page, Fact.CONFIRMED)  # the next door is open already
        assert page.evaluate("() => window.taps") == 3
        heights = page.evaluate("Array.from(document.querySelectorAll('#visits-door .btn'), (one) => one.offsetHeight)")
        assert min(heights) >= 44, "a thumb must hit it"

    house.phone("village", walk)


def test_a_reason_to_stay_can_be_added_and_an_outcome_taken_back(house: House, one: Round) -> None:

    def walk(_context: BrowserContext, page: Page) -> None:
        load(page, one)
        found(page, Fact.REFUSED)
        page.locator("#visits-last").get_by_role("button", name="不相信会出事").click()
        found(page, Fact.CONFIRMED)
        waiting(page, 0)
        page.locator("#visits-last").get_by_role("button", name="撤销").click()
        expect(page.locator("#visits-progress")).to_contain_text("29")
        waiting(page, 0)  # and it has been sent

    house.phone("village", walk)
    elsewhere(fold.fold)
    assert list(Visit.objects.filter(event=one.event.pk, reason="doubt").values_list("fact", flat=True)) == [8]
    assert Visit.objects.filter(event=one.event.pk, closed_at=None).count() == DOORS - 1


def test_the_map_has_a_mark_for_each_door(house: House, one: Round) -> None:

    def walk(_context: BrowserContext, page: Page) -> None:
        load(page, one)
        page.get_by_role("button", name="地图").click()
        expect(page.locator("#visits-map .visits-mark")).to_have_count(DOORS)
        seen = Seen(one.address)
        judge(page, seen)
        assert seen.complaints == []

    house.phone("village", walk)


def test_names_leave_the_phone_with_the_warning(house: House, one: Round) -> None:

    def walk(_context: BrowserContext, page: Page) -> None:
        load(page, one)
        assert page.evaluate(STORED)["boxes"] == 1
        elsewhere(lambda: AlertEvent.objects.filter(pk=one.event.pk).update(closed_at=clock.now()))
        page.reload()
        expect(page.locator("#visits-state")).to_contain_text("已从本机删除")
        assert page.evaluate(STORED)["boxes"] == 0

    house.phone("village", walk)


def test_names_leave_the_phone_of_a_blocked_log_in_and_what_was_found_stays(house: House, one: Round) -> None:
    blocked = User.objects.filter(username="township")

    def walk(context: BrowserContext, page: Page) -> None:
        load(page, one)
        context.set_offline(True)
        found(page, Fact.MOVED)
        waiting(page, 1)
        elsewhere(lambda: blocked.update(is_active=False))
        context.set_offline(False)
        expect(page.locator("#visits-state")).to_contain_text("上报", timeout=15_000)
        expect(page.locator("#visits-state a")).to_be_visible(timeout=15_000)
        stored = page.evaluate(STORED)
        assert stored["boxes"] == 0
        assert stored["taps"] == 1
        elsewhere(lambda: blocked.update(is_active=True))

    house.phone("township", walk)
