"""Cards into groups, against servers that check what the real ones check: who is told what, once, at what pace."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.alerting import close
from lastmile.alerting.accounts import costs
from lastmile.alerting.chat import keeping, owing, telling
from lastmile.alerting.chat.tests.rig import DINGTALK, FEISHU, WECOM, Apps, Bot
from lastmile.alerting.models import ChatGroup, ChatNote, Receipt, Standing
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.world import World

WEB: dict[str, Any] = {"channels": ["sms", "web"]}
KINDS = (WECOM, DINGTALK, FEISHU)


def group(world: World, apps: Apps, bot: Bot, place: str = VILLAGE, **more: Any) -> ChatGroup:
    raw = {"name": f"{bot.kind}群", "audience": "staff", "address": apps.address(bot), "secret": bot.secret, **more}
    return keeping.add(world.officer, world.places[place], raw)


def worked() -> int:
    """What the workers do until nothing is left that is due now."""
    done = 0
    for kind in telling.KINDS:
        while step := telling.tick(kind):
            done += step
    return done


def passing(seconds: float, step: float = 4) -> None:
    """Time goes by, with a worker at work."""
    for _ in range(int(seconds / step)):
        worked()
        clock.forward(seconds=step)
    worked()


def states(one: ChatGroup) -> list[str]:
    return list(ChatNote.objects.filter(group=one).order_by("pk").values_list("state", flat=True))


def text(card: dict[str, Any]) -> str:
    """All words of a card of any app."""
    return str(card)


def test_each_robot_of_a_place_in_the_area_gets_one_card_with_all_that_is_needed(
    world: World, desk: Desk, apps: Apps
) -> None:
    bots = [apps.bot(WECOM), apps.bot(DINGTALK, secret="SECabc123"), apps.bot(FEISHU, secret="feishusecret")]
    for bot in bots:
        group(world, apps, bot)
    beside = apps.bot(WECOM)
    group(world, apps, beside, "410182109205")
    event = desk.issued(**WEB)
    assert worked() == 3
    assert worked() == 0
    assert beside.asked == 0
    for bot in bots:
        (card,) = bot.got
        for words in ("🔴", "暴雨", "立即离开河沟", "王宗店小学二楼", "红色", "有效至", "荥阳市气象台", "查看并确认"):
            assert words in text(card), (bot.kind, words)
        assert f"https://warn.example.cn/alerts/{event.alert.code}/answer/" in text(card)
        assert "/r/" not in text(card)
    assert bots[0].got[0]["content"].startswith('**<font color="warning">')
    assert bots[2].got[0]["header"]["template"] == "red"
    assert set(ChatNote.objects.values_list("state", flat=True)) == {"sent"}
    assert not ChatGroup.objects.exclude(place=VILLAGE).filter(good_at__isnull=False).exists()


def test_a_card_counts_no_household_as_reached(world: World, desk: Desk, apps: Apps) -> None:
    group(world, apps, apps.bot(WECOM))
    receipts, standings = Receipt.objects.count(), list(Standing.objects.values_list("pk", flat=True))
    desk.issued(**WEB)
    before = Receipt.objects.count(), Standing.objects.count()
    worked()
    assert (Receipt.objects.count(), Standing.objects.count()) == before
    assert before[0] == receipts
    assert standings == []


def test_places_above_and_below_are_told_each_robot_once(world: World, desk: Desk, apps: Apps) -> None:
    above, below = apps.bot(WECOM), apps.bot(FEISHU)
    group(world, apps, above, "410182")
    group(world, apps, below, "410182109211001")
    desk.issued(**WEB)
    worked()
    assert (len(above.got), len(below.got)) == (1, 1)


def test_residents_are_led_to_the_public_page_and_only_to_what_is_public(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(FEISHU)
    group(world, apps, bot, audience="residents")
    desk.issued(channels=["sms"])
    worked()
    assert bot.asked == 0
    event = desk.issued(**WEB, hazard="flood")
    worked()
    (card,) = bot.got
    assert f"https://warn.example.cn/w/{event.alert.code}/" in text(card)
    assert "/alerts/" not in text(card)
    assert "确认" not in text(card)


def test_only_from_its_colour_on(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM)
    group(world, apps, bot, colour="2")
    desk.issued(**WEB, colour=3)
    worked()
    assert bot.asked == 0
    desk.issued(**WEB, colour=2, hazard="flood")
    worked()
    assert len(bot.got) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_update_and_all_clear_reach_exactly_the_groups_that_were_told(
    world: World, desk: Desk, apps: Apps, kind: str
) -> None:
    told, never = apps.bot(kind), apps.bot(kind)
    group(world, apps, told)
    event = desk.issued(**WEB)
    worked()
    late = group(world, apps, never)
    clock.forward(seconds=10)
    lifted = desk.follow(event, "lift")
    worked()
    assert len(told.got) == 2
    assert "🟢" in text(told.got[1])
    assert "解除" in text(told.got[1])
    assert never.asked == 0
    assert not ChatNote.objects.filter(group=late).exists()
    assert owing.note(lifted) == 0


def test_the_all_clear_follows_a_group_whose_warning_grew_milder_or_moved_away(
    world: World, desk: Desk, apps: Apps
) -> None:
    bot = apps.bot(WECOM)
    group(world, apps, bot, colour="1")
    event = desk.issued(**WEB)
    worked()
    clock.forward(seconds=10)
    update = desk.follow(event, "update", colour=4, audience={"places": ["410182109205"], "groups": ["residents"]})
    worked()
    clock.forward(seconds=10)
    desk.follow(update, "lift")
    worked()
    assert len(bot.got) == 3


def test_a_group_that_was_never_told_gets_no_all_clear(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(DINGTALK, stopped=True)
    one = group(world, apps, bot)
    event = desk.issued(**WEB)
    worked()
    assert states(one) == ["refused"]
    bot.stopped = False
    clock.forward(seconds=10)
    desk.follow(event, "lift")
    worked()
    assert bot.got == []
    assert states(one) == ["refused", "over"]


def test_a_group_that_may_have_read_it_gets_the_all_clear(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM, hangs=True)
    one = group(world, apps, bot)
    event = desk.issued(**WEB)
    worked()
    assert ChatNote.objects.get().maybe is True
    bot.hangs = False
    clock.forward(seconds=5)
    desk.follow(event, "lift")
    worked()
    assert "解除" in text(bot.got[-1])
    clock.forward(seconds=60)
    worked()
    assert sorted(states(one)) == ["over", "sent"]


def test_exercises_are_silent_but_for_staff_who_want_them_and_say_so(world: World, desk: Desk, apps: Apps) -> None:
    quiet, wanted, residents = apps.bot(WECOM), apps.bot(FEISHU), apps.bot(DINGTALK)
    group(world, apps, quiet)
    group(world, apps, wanted, exercises="1")
    group(world, apps, residents, audience="residents", exercises="1")
    desk.issued(**WEB, exercise=True)
    worked()
    assert (quiet.asked, residents.asked) == (0, 0)
    assert "【演练】" in wanted.got[0]["header"]["title"]["content"]


def test_each_app_gets_the_signature_of_its_own(world: World, desk: Desk, apps: Apps) -> None:
    for kind in (DINGTALK, FEISHU):
        wrong = apps.bot(kind, secret="the right one")
        one = group(world, apps, wrong, secret="another one")
        desk.issued(**WEB, hazard="flood" if kind == FEISHU else "rainstorm")
        worked()
        assert wrong.got == []
        one.refresh_from_db()
        assert one.failure.startswith(("the group's robot says 310000: sign not", "the group's robot says 19021: sign"))
        keeping.change(world.officer, one, {"name": "群", "audience": "staff", "secret": "the right one"})
        clock.forward(seconds=5)
        worked()
        assert len(wrong.got) == 1  # what was refused is told once the secret is right, while the warning holds


def test_a_keyword_stands_in_every_card_also_in_the_all_clear_and_the_test(
    world: World, desk: Desk, apps: Apps
) -> None:
    for kind in (DINGTALK, FEISHU):
        bot = apps.bot(kind, keyword="预警")
        one = group(world, apps, bot)
        assert keeping.test(world.officer, one).what.value == "accepted"
        clock.forward(seconds=10)
        event = desk.issued(**WEB, headline="河水要漫过来了", hazard="other" if kind == FEISHU else "flood")
        worked()
        clock.forward(seconds=10)
        desk.follow(event, "lift", headline="没事了")
        worked()
        assert len(bot.got) == 3, kind
        clock.forward(seconds=10)


def test_a_group_that_reads_english_gets_english_cards_with_what_to_do_never_left_out(
    world: World, desk: Desk, apps: Apps
) -> None:
    chinese, staff, residents = apps.bot(FEISHU), apps.bot(FEISHU), apps.bot(DINGTALK, keyword="预警")
    group(world, apps, chinese)
    group(world, apps, staff, language="en")
    one = group(world, apps, residents, language="en", audience="residents")
    event = desk.issued(**WEB)
    worked()
    english = ("Rainstorm: red warning", "Read and confirm", "in force until", "Issued by", "confirms for anybody")
    for words in (*english, "立即离开河沟"):
        assert words in text(staff.got[0]), words
    for words in ("有效至", "查看", "级别"):
        assert words not in text(staff.got[0]), words
    assert "Rainstorm" not in text(chinese.got[0])
    assert f"/w/{event.alert.code}/?lang=en" in text(residents.got[0])
    clock.forward(seconds=10)
    assert keeping.test(world.officer, one).what.value == "accepted"
    assert "Nothing has happened" in text(residents.got[1])
    clock.forward(seconds=10)
    desk.follow(event, "lift")
    worked()
    assert "Lifted: Rainstorm" in text(staff.got[1])
    assert "Read more" in text(staff.got[1])
    clock.forward(seconds=10)
    for hazard in ("flood", "wind", "heat", "lightning"):
        desk.issued(**WEB, hazard=hazard)
    worked()
    assert "4 warnings" in text(staff.got[-1])


@pytest.mark.parametrize(("kind", "per_minute"), [(WECOM, 20), (DINGTALK, 20), (FEISHU, 100)])
def test_no_robot_is_posted_to_faster_than_its_app_allows_and_nothing_is_lost(
    world: World, desk: Desk, apps: Apps, kind: str, per_minute: int
) -> None:
    bot = apps.bot(kind)
    one = group(world, apps, bot)
    event = desk.issued(**WEB)
    for number in range(60):
        ChatNote.objects.filter(event=event, group=one).update(state="waiting", due_at=clock.now())
        worked()
        clock.forward(seconds=1)
        assert len(bot.at) <= per_minute, number
    one.refresh_from_db()
    assert one.failure == ""
    assert bot.deaf_until == 0
    assert 15 <= len(bot.got) <= per_minute


def test_many_warnings_at_once_come_as_one_card_the_worst_first(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM)
    one = group(world, apps, bot)
    hazards = ["rainstorm", "flood", "wind", "hail", "landslide", "fog"]
    for number, hazard in enumerate(hazards):
        desk.issued(**WEB, hazard=hazard, colour=4 - number % 4)
    worked()
    assert bot.asked == 1
    (card,) = bot.got
    assert "6 条预警信息" in card["content"]
    assert card["content"].count("/answer/") == 6
    assert card["content"].index("🔴") < card["content"].index("🔵")
    assert states(one) == ["sent"] * 6


def test_three_at_once_keep_a_card_each(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM)
    group(world, apps, bot)
    for hazard in ("rainstorm", "flood", "wind"):
        desk.issued(**WEB, hazard=hazard)
    passing(20)
    assert len(bot.got) == 3
    assert all("立即离开河沟" in text(card) for card in bot.got)


@pytest.mark.parametrize(("kind", "rest"), [(WECOM, 60), (DINGTALK, 600), (FEISHU, 60)])
def test_a_robot_that_had_too_many_is_left_alone_and_told_afterwards(
    world: World, desk: Desk, apps: Apps, kind: str, rest: int
) -> None:
    bot = apps.bot(kind)
    one = group(world, apps, bot)
    now = clock.now().timestamp()
    bot.at = [now] * 100  # somebody else posts by the same robot
    desk.issued(**WEB)
    worked()
    assert bot.asked == 1
    clock.forward(seconds=rest - 10)
    worked()
    assert bot.asked == 1
    clock.forward(seconds=15)
    worked()
    assert len(bot.got) == 1
    one.refresh_from_db()
    assert one.failure == ""
    assert ChatNote.objects.get().tries == 1


def test_a_key_that_is_wrong_is_shown_owed_and_not_hammered(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM)
    one = group(world, apps, bot)
    apps.bots.clear()
    apps.bots["other"] = bot
    desk.issued(**WEB)
    passing(60)
    one.refresh_from_db()
    assert one.failure == "the group's robot says 93000: invalid webhook url"
    assert states(one) == ["refused"]
    owed = Obligation.objects.get(kind="alerting.chat_group", closed_at=None)
    assert (owed.place_id, owed.detail) == (VILLAGE, {"group": one.pk})
    apps.bots[bot.key] = bot
    clock.forward(seconds=10)
    keeping.test(world.officer, one)
    assert not Obligation.objects.filter(kind="alerting.chat_group", closed_at=None).exists()
    one.refresh_from_db()
    assert one.failure == ""


def test_no_answer_is_tried_again_with_growing_pauses_and_given_up_in_the_end(
    world: World, desk: Desk, apps: Apps
) -> None:
    bot = apps.bot(FEISHU, status=502)
    one = group(world, apps, bot)
    desk.issued(**WEB)
    passing(60)
    assert bot.asked == 3  # after 0, 15 and 45 seconds
    passing(3600, step=30)
    assert bot.asked == telling.TRIES
    assert states(one) == ["refused"]
    assert Obligation.objects.filter(kind="alerting.chat_group", closed_at=None).exists()


def test_what_is_over_before_it_could_go_is_not_told(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM, status=503)
    one = group(world, apps, bot)
    desk.issued(**WEB)
    worked()
    bot.status = 0
    clock.forward(days=2)
    close.expire()
    worked()
    assert bot.got == []
    assert states(one) == ["over"]


def test_a_dead_worker_delays_a_card_by_a_minute_and_doubles_none(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM)
    group(world, apps, bot)
    desk.issued(**WEB)
    posts, _over = telling._claim(WECOM)
    assert len(posts) == 1
    assert worked() == 0
    clock.forward(seconds=61)
    assert worked() == 1
    assert len(bot.got) == 1


def test_an_app_whose_servers_are_down_holds_up_no_other(world: World, desk: Desk, apps: Apps) -> None:
    down, up = apps.bot(FEISHU, status=502), apps.bot(WECOM)
    group(world, apps, down)
    group(world, apps, up)
    desk.issued(**WEB)
    assert telling.tick(WECOM) == 1
    assert (len(up.got), down.asked) == (1, 0)


def test_a_redirect_is_followed_nowhere_and_the_inside_is_never_asked(
    world: World, desk: Desk, apps: Apps, settings: Any
) -> None:
    bot, _elsewhere = apps.bot(WECOM, status=302), apps.bot(WECOM, key="elsewhere")
    one = group(world, apps, bot)
    desk.issued(**WEB)
    worked()
    assert apps.bots["elsewhere"].asked == 0
    one.refresh_from_db()
    assert one.failure == "the group's robot answers 302"
    settings.OUTWARD_ALLOW = []  # the network was taken off the list since
    bot.status, asked = 0, bot.asked
    clock.forward(seconds=30)
    desk.issued(**WEB, hazard="flood")
    worked()
    assert bot.asked == asked
    one.refresh_from_db()
    assert one.failure == "the address of the group's robot is not a public one"


def test_a_text_of_any_length_and_any_marks_fits_and_calls_nobody(world: World, desk: Desk, apps: Apps) -> None:
    bots = [apps.bot(kind) for kind in KINDS]
    for bot in bots:
        group(world, apps, bot)
    nasty = "<@all> [点这里](https://evil.example) **" + "很大的雨。" * 300
    desk.issued(**WEB, headline="大雨" * 30, instruction=f"{nasty}\n{nasty}\n{nasty}", shelter="学校" * 200)
    worked()
    for bot in bots:
        (card,) = bot.got
        assert "<@all>" not in text(card)
        assert "](https://evil.example)" not in text(card)
        assert "/answer/" in text(card)


def test_cards_stand_in_the_report_of_the_month(client: Client, world: World, desk: Desk, apps: Apps) -> None:
    group(world, apps, apps.bot(WECOM))
    desk.issued(**WEB)
    worked()
    (row,) = [one for one in costs.of_month(world.system, costs.month_of("")) if one.channel == "chat"]
    assert (row.place, row.warnings, row.messages) == ("410182", 1, 1)
    assert not row.yuan
    world.login(client, "system")
    assert "群机器人" in client.get("/channels/costs/").content.decode()


def test_what_groups_were_told_is_forgotten_after_more_than_a_year(world: World, desk: Desk, apps: Apps) -> None:
    group(world, apps, apps.bot(WECOM))
    desk.issued(**WEB)
    worked()
    clock.forward(days=399)
    assert owing.forget() == 0
    clock.forward(days=2)
    assert owing.forget() == 1
