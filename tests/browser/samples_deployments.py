"""A city with two counties below it, one silent, and a province above; the first county has reported on a warning."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from lastmile.alerting.deployments import pairing, wire
from lastmile.alerting.deployments.statements import run
from lastmile.alerting.models import AlertEvent, Deployment, DeploymentReceipt
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.browser.samples_answers import event as sample_event
from tests.world import World

VILLAGES = {"410182109205": "邻村村委会", "410182109207": "翠屏山村委会", "410182108203": "洞林村委会"}


def link(world: World) -> Deployment:
    found = Deployment.objects.filter(name="荥阳市").first()
    if found is not None:
        return found
    found = paired(world, "410182", "荥阳市", have=41, seen_at=clock.now() - timedelta(seconds=20), skew=1.4)
    names = {"410182": "荥阳市", "410182109": "崔庙镇", "410182108": "贾峪镇"} | VILLAGES
    Deployment.objects.filter(pk=found.pk).update(names=names | {"410182109207001": "第1网格"})
    paired(world, "410181", "巩义市", seen_at=clock.now() - timedelta(hours=2), waiting=0, have=7)
    pairing.join(world.system, world.places["4101"], url="https://yj.henan.example.cn", code=code(), name="河南省")
    reports(found, sample_event(world))
    return found


def code() -> str:
    return wire.shown(*wire.new_code())


def paired(world: World, place: str, name: str, **fields: Any) -> Deployment:
    made, _code = pairing.invite(world.system, world.places[place], name=name)
    now = clock.now()
    about = {
        "state": "active",
        "code": None,
        "paired_at": now - timedelta(days=9),
        "url": f"https://{place}.example.cn",
    }
    Deployment.objects.filter(pk=made.pk).update(peer_keys=[wire.public_of(wire.new_key())], **about, **fields)
    made.refresh_from_db()
    return made


def reports(below: Deployment, event: AlertEvent) -> None:
    rows = []
    for number, village in enumerate(VILLAGES):
        homes = 212 - 40 * number
        figures = [homes * 3, homes * 3, homes * 2, 9, homes, homes + 30, 12, homes, number, 2, 5, 1]
        rows.append([village + "001", False, *figures, homes, homes, homes - 7 * number, homes - 30])
        rows.append([village + "001", True, 40, 40, 31, 2, 20, 25, 3, 10, 1, 0, 2, 0, 0, 0, 0, 0])
    at = clock.now().isoformat()
    posts = [[str(n), place, "负责人", "done" if n else "superior", at if n else None, at if n else None]
             for n, place in enumerate(VILLAGES)]  # fmt: skip
    about = {"link": below.pk, "message": event.identifier, "number": 41}
    run("take_places", **about, rows=orjson.dumps(rows).decode())
    run("take_calls", **about, rows=orjson.dumps(posts).decode())
    for number, refused in ((40, "message"), (41, "")):
        more = {"text": "{}", "signature": "", "key": "", "at": clock.now(), "refused": refused}
        DeploymentReceipt.objects.create(link=below, number=number, **more)


@sample("deployments:listing", login="system")
def listing(world: World) -> dict[str, Any]:
    link(world)
    return {}


@sample("deployments:page", login="system")
def page(world: World) -> dict[str, Any]:
    return {"pk": link(world).pk}


@sample("deployments:act", login="system", skip="answers POST only")
def act(world: World) -> dict[str, Any]:
    return {"pk": link(world).pk, "verb": "key"}


@sample("deployments:reported", login="officer")
def reported(world: World) -> dict[str, Any]:
    return {"code": sample_event(world).alert.code, "pk": link(world).pk}
