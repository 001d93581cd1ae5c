"""The second wall: raw SQL as the web role, from the wrong place, in every table; nothing of a scope stays behind."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client
from django.urls import path

from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Contact, Person
from lastmile.kernel import clock, walls
from lastmile.site import urls
from lastmile.site.uncovered import UNCOVERED
from tests.world import World

pytestmark = pytest.mark.django_db
OWN, BESIDE, CITY = ("410182",), ("410181",), ("4101",)
WRONG: tuple[tuple[str, ...], ...] = (BESIDE, ())
RIGHT: tuple[tuple[str, ...], ...] = (OWN, CITY, ("",), (*BESIDE, *OWN))
NAMES = {"place", "places", "village", "person", "persons", "person_ids", "household", "households", "home", "homes"}


def count(table: str, more: str = "") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} {more}")
        return int(cursor.fetchone()[0])


def standing() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, coalesce(current_setting('lastmile.high', true), '')")
        found: tuple[str, str] = cursor.fetchone()
        return found


def personal(model: type[models.Model]) -> bool:
    """Whether its rows belong to a place or are about somebody."""
    return any(field.name in NAMES for field in model._meta.concrete_fields)


@pytest.fixture
def world() -> World:
    """A small city with something in every covered table."""
    world = World.build()
    walls.leave()
    return world


def fill(world: World) -> None:
    grid = world.residents[0].place_id
    with connection.cursor() as cursor:
        person = world.residents[0].pk
        sheet = "INSERT INTO people_contactsheet (place_id, kind, persons, addresses, languages, homes)"
        cursor.execute(f"{sheet} VALUES (%s, 'email', '{{}}', '', '{{}}', '{{}}')", [grid])
        look = "INSERT INTO people_look (person_id, actor_name, at, reason, fields)"
        cursor.execute(f"{look} VALUES (%s, 'x', now(), 'x', '{{}}')", [person])
        leave = "INSERT INTO people_leave (person_id, first_day, last_day, reason)"
        cursor.execute(f"{leave} VALUES (%s, '2026-01-01', '2026-01-02', 'x')", [person])
        wish = "INSERT INTO mydata_proposal (person_id, place, what, wish, state, made_at, settled_by)"
        cursor.execute(f"{wish} VALUES (%s, %s, 'other', '', 'open', now(), '')", [person, grid])
        upload = (
            "INSERT INTO people_upload (kind, place_id, filename, report, errors, state, done, total, outcome, actor,"
        )
        cursor.execute(
            f"{upload} actor_name, uploaded_at) VALUES ('sites', %s, 'x', '', 0, 'done', 0, 0, '{{}}', 1, 'x', now())",
            [grid],
        )


def test_every_table_from_the_wrong_place_is_empty_in_raw_sql(world: World) -> None:
    fill(world)
    Desk(world).issued()
    with connection.cursor() as cursor:
        receipt = "INSERT INTO alerting_receipt (key, event_id, person, fact, channel, happened_at, entered_at, note)"
        said = f"{receipt} SELECT 'x', id, %s, 1, 'web', now(), now(), 'x' FROM alerting_alertevent LIMIT 1"
        cursor.execute(said, [world.residents[0].pk])
    all_rows = {table: count(table) for table in walls.covered()}
    assert [table for table, rows in all_rows.items() if not rows] == []
    for scope in WRONG:
        with walls.within(scope):
            seen = {table: count(table) for table in walls.covered()}
        above = {"people_person", "people_contact"}  # whoever holds a post above is known by name
        assert {table: rows for table, rows in seen.items() if rows and table not in above} == {}, scope
    with walls.within(BESIDE):
        assert set(Person.objects.values_list("place", flat=True)) <= {"4101"}
        assert set(Contact.objects.values_list("person__place", flat=True)) <= {"4101"}
    with walls.within(()):
        assert count("people_person") == count("people_contact") == 0
    for scope in RIGHT:
        with walls.within(scope):
            assert {table: count(table) for table in walls.covered()} == all_rows, scope


def test_conditions_that_are_always_true_find_nothing_more(world: World) -> None:
    """What an injection adds to a WHERE, and functions that shout what they see."""
    with walls.within(BESIDE):
        assert count("people_household", "WHERE 1=1 OR place_id LIKE '%'") == 0
        assert count("people_contact", "UNION SELECT id FROM people_household") <= 2
        assert count("people_household", "WHERE 1 / (length(place_id) - length(place_id)) = 1") == 0  # divides nothing


@pytest.mark.parametrize(
    "smuggled",
    [
        "UNION SELECT length(set_config('lastmile.high', '~', false))",
        "UNION SELECT length(set_config('role', 'none', false))",
        "WHERE set_config('lastmile.scopes', '4101', false) IS NULL",
        "UNION SELECT length(query_to_xml('SET ROLE NONE', true, false, '')::text)",
        "UNION SELECT length(query_to_xml('SELECT set_config(''role'', ''none'', false)', true, false, '')::text)",
    ],
)
def test_a_scope_is_not_changed_by_what_is_smuggled_into_a_query(world: World, smuggled: str) -> None:
    with walls.within(BESIDE):
        with pytest.raises(DatabaseError), transaction.atomic():
            count("people_household", smuggled)
        assert standing() == (walls.ROLE, "410181~")
        assert count("people_household") == 0


def test_who_serves_where_one_serves_oneself_is_known_by_name_and_no_resident_is(world: World) -> None:
    """A post of a department of another county: its log-in's role lies beside, its person's post here."""
    post = Post.objects.filter(place="410182", closed_on=None).earliest("pk")
    mine = Person.objects.create(place=world.places["410181"], name="郑科长", updated_at=clock.now())
    Appointment.objects.create(post=post, person=mine, role="deputy", since="2026-01-01", until=None)
    staff = set(Appointment.objects.filter(post__place__code__startswith="410182").values_list("person", flat=True))
    with walls.within(BESIDE):
        assert not staff - {mine.pk} & set(Person.objects.values_list("pk", flat=True))
    with walls.within(BESIDE, mine.pk):
        seen = set(Person.objects.values_list("pk", flat=True))
        assert staff <= seen
        assert count("people_household") == 0
        assert not seen & {one.pk for one in world.residents} - staff
    with walls.within((), mine.pk):
        assert mine.pk in set(Person.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_page_that_asks_the_database_nothing_opens_no_connection() -> None:
    connection.close()
    walls.enter(OWN)
    walls.leave()
    assert connection.connection is None


def test_a_place_below_one_of_several_and_not_between_them(world: World) -> None:
    with walls.within(("410182109211001", "410182109211002")):
        assert count("people_household") == 6
    with walls.within(("410182109211001", "410183")):
        assert count("people_household") == 3


def test_nothing_is_written_or_taken_beyond_it(world: World) -> None:
    with walls.within(BESIDE), connection.cursor() as cursor:
        cursor.execute("UPDATE people_household SET number = 'x'")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM people_contact WHERE person_id NOT IN (SELECT person_id FROM people_appointment)")
        assert cursor.rowcount == 0
        for statement in (
            "DROP POLICY wall ON people_household",
            "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


def test_every_table_with_a_place_or_a_person_has_a_policy_or_a_reason() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("lastmile.")]
    needed = {model._meta.db_table for model in ours if personal(model)} | set(walls.covered())
    known = {model._meta.db_table for model in ours}
    assert needed - set(walls.covered()) - set(UNCOVERED) == set(), "write a policy, or a reason into site/uncovered.py"
    assert set(UNCOVERED) & set(walls.covered()) == set()
    assert set(UNCOVERED) <= known
    assert all(len(reason) > 20 for reason in UNCOVERED.values())
    assert walls.missing() == []


def who(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(standing(), safe=False)


def boom(_request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_household WHERE 1 / (id - id) = 1")
    raise AssertionError("there was something to divide")


def bug(_request: HttpRequest) -> HttpResponse:
    raise ValueError(standing())


urlpatterns = [*urls.urlpatterns, path("who/", who), path("boom/", boom), path("bug/", bug)]


@pytest.mark.urls(__name__)
def test_a_page_is_served_behind_the_wall_and_leaves_nothing(world: World, client: Client) -> None:
    assert client.get("/who/").json() == [walls.ROLE, ""]
    assert standing()[0] != walls.ROLE
    for login, high in (("officer", "410182~"), ("neighbour", "410181~"), ("grid", "410182109211001~")):
        world.login(client, login)
        assert client.get("/who/").json() == [walls.ROLE, high]
        assert standing()[0] != walls.ROLE


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("address", "kind"), [("/bug/", ValueError), ("/boom/", DatabaseError)])
def test_an_exception_in_the_middle_of_a_request_leaves_no_scope(
    world: World, client: Client, address: str, kind: type[Exception]
) -> None:
    world.login(client, "officer")
    with pytest.raises(kind):
        client.get(address)
    assert standing()[0] != walls.ROLE
    client.raise_request_exception = False
    assert client.get(address).status_code == 500
    assert standing()[0] != walls.ROLE
    assert Client().get("/who/").json() == [walls.ROLE, ""]


def test_a_server_that_says_no_costs_the_connection_and_not_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        closed = False

        def execute(self, *_args: Any) -> None:
            raise psycopg.OperationalError("gone")

        def close(self) -> None:
            self.closed = True

    class Wrapper:
        connection, in_atomic_block = Gone(), False

    walls._say(Wrapper, None)
    assert Wrapper.connection.closed


@pytest.mark.django_db(transaction=True)
def test_a_connection_opened_again_in_the_middle_is_walled_before_its_first_query() -> None:
    walls.enter(OWN)
    try:
        connection.close()
        assert standing() == (walls.ROLE, "410182~")
    finally:
        walls.leave()
    connection.close()
    assert standing()[0] != walls.ROLE


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_the_thread_that_serves_an_asynchronous_request_is_walled() -> None:
    answer = async_to_sync(AsyncClient().get)("/who/")
    assert answer.json() == [walls.ROLE, ""]
    assert standing()[0] != walls.ROLE


def test_a_token_sees_the_place_of_its_role_and_a_wrong_one_nothing(world: World, client: Client) -> None:
    from lastmile.community.accounts import tokens

    _token, text = tokens.make(world.neighbour, world.neighbour.grants.get().pk, label="x", days=1, read_only=True)
    bearer = {"Authorization": f"Bearer {text}"}
    assert client.get("/api/v1/households?place=410182", headers=bearer).status_code in {200, 403, 404}
    assert standing()[0] != walls.ROLE


def test_machinery_sees_everybody_and_the_page_after_it_does_not(world: World) -> None:
    with walls.within(BESIDE):
        with walls.opened("a test"):
            assert count("people_household") == 6
        assert count("people_household") == 0
        with pytest.raises(ValueError, match="x"), walls.opened("a test"):
            raise ValueError("x")
        assert count("people_household") == 0


def test_switched_off_it_is_off_and_says_so(world: World, settings: Any) -> None:
    settings.ROW_SECURITY = False
    with walls.within(BESIDE):
        assert count("people_household") == 6
