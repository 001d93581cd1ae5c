"""The life of an uploaded workbook: check, import in one transaction, destroy."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, connections, transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Upload
from lastmile.community.people.sheets import sites, terminals
from lastmile.community.people.sheets.check import compare, report
from lastmile.community.people.sheets.doors import write_doors, write_grids
from lastmile.community.people.sheets.layout import SHEETS
from lastmile.community.people.sheets.posts import write_posts, write_sites
from lastmile.community.people.sheets.read import Layout, Sheets, again, read
from lastmile.community.people.sheets.residents import write_residents
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm

LARGE = 2_000  # rows from which the import runs as a job and the page shows a progress bar
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Importer:
    """Acts for the log-in that uploaded: this room can't load log-ins, and a job outlives the request."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name

    def scopes(self, _perm: Perm) -> tuple[str, ...]:
        return ()


class Flow(NamedTuple):
    """What is different between the kinds of workbook."""

    layout: Layout
    compare: Callable[[Place, Sheets], Sheets]
    report: Callable[[Sheets, Place], str]
    write: Callable[..., Counter[str]]


def flow(kind: str) -> Flow:
    if kind == Upload.Kind.SITES:
        return Flow(sites.LAYOUT, sites.compare, sites.report, sites.import_sites)
    if kind == Upload.Kind.TERMINALS:
        return Flow(terminals.LAYOUT, terminals.compare, terminals.report, terminals.import_terminals)
    return Flow(SHEETS, compare, report, import_sheets)


def receive(village: Place, filename: str, content: bytes, *, by: Actor, kind: str = Upload.Kind.COMMUNITY) -> Upload:
    """Check the workbook and keep it sealed until it is imported or dropped. Raises Refusal when it is none."""
    if kind == Upload.Kind.COMMUNITY and village.level != Level.VILLAGE:
        raise Refusal(
            _("A workbook onboards one village or community."), _("Open the village in the tree and upload it there.")
        )
    way = flow(kind)
    sheets = way.compare(village, read(filename, content, way.layout))
    if not any(sheets.rows.values()) and not sheets.error_count:
        raise Refusal(_("The workbook is empty."), _("Fill in the rows below the examples, then upload it again."))
    upload = Upload.objects.create(
        place=village,
        kind=kind,
        filename=filename[-120:],
        content=None if sheets.error_count else pack(sheets),
        report=way.report(sheets, village),
        errors=sheets.error_count,
        total=sum(len(rows) for rows in sheets.rows.values()),
        actor=by.pk,
        actor_name=str(by)[:60],
        uploaded_at=clock.now(),
    )
    audit.record("people.upload", actor=by, place=village.code, obj=upload, errors=sheets.error_count)
    upload.refresh_from_db(fields=["report", "content"])  # sealed, as everybody else reads them
    return upload


def pack(sheets: Sheets) -> str:
    """The rows as typed, for sealing: the file itself is not kept and not read again."""
    typed = json.dumps(sheets.typed(), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(typed, 1)).decode()


def unpack(upload: Upload) -> dict[str, list[tuple[int, list[str]]]]:
    """The rows of a workbook that is waiting. Raises Conflict when they have been destroyed."""
    if upload.content is None:
        raise Conflict(_("This workbook was imported or dropped before."), _("Upload it again if it has changed."))
    found: dict[str, list[tuple[int, list[str]]]] = json.loads(
        zlib.decompress(base64.b64decode(upload.content.reveal()))
    )
    return found


def preview(upload: Upload) -> dict[str, Any]:
    """What `check.report` said, for whoever may import here: counts, first rows, mistakes by cell."""
    found: dict[str, Any] = json.loads(upload.report.reveal())
    return found


def start(upload: Upload, enqueue: Callable[[int], Any]) -> None:
    """Import now, or as a job when it is large. Raises Conflict when it was imported or dropped before."""
    if upload.errors:
        raise Conflict(_("The workbook still has mistakes."), _("Correct the cells listed here and upload it again."))
    with transaction.atomic():
        ready = Upload.objects.filter(pk=upload.pk, state=Upload.State.CHECKED)
        if not ready.update(state=Upload.State.QUEUED):
            raise Conflict(_("This workbook was imported or dropped before."), _("Upload it again if it has changed."))
        if upload.total >= LARGE:
            enqueue(upload.pk)
    if upload.total < LARGE:
        run(upload.pk)


def run(pk: int) -> None:
    """Import a queued workbook: all of it or nothing. A refusal is kept for the page; anything else is raised."""
    upload = Upload.objects.select_related("place").get(pk=pk)
    by = Importer(upload.actor, upload.actor_name)
    try:
        with transaction.atomic():
            _one_at_a_time(upload.place)
            upload.refresh_from_db(fields=["state"])
            if upload.state != Upload.State.QUEUED:
                return  # a job that came twice
            way = flow(upload.kind)
            sheets = way.compare(upload.place, again(unpack(upload), way.layout))
            if sheets.error_count:
                raise Conflict(_("Since the check, something in the village has changed."), "; ".join(sheets.errors[0]))
            counts = way.write(upload.place, sheets, by=by, progress=_told(upload))
            finish(upload, Upload.State.DONE, dict(counts))
            audit.record("people.import", actor=by, place=upload.place_id, obj=upload, counts=dict(counts))
    except Refusal as refusal:
        finish(upload, Upload.State.FAILED, {"says": str(refusal.says), "mend": str(refusal.mend)})


def give_up(pk: int) -> None:
    """Settle an import that broke off every time it was tried; nothing of it was written."""
    upload = Upload.objects.filter(pk=pk, state=Upload.State.QUEUED).first()
    if upload is not None:
        says = _("The import broke off again and again by a fault of the system.")
        mend = _("Upload the workbook once more. If that fails too, tell whoever runs the system.")
        finish(upload, Upload.State.FAILED, {"says": says, "mend": mend})


def finish(upload: Upload, state: Upload.State, outcome: dict[str, Any]) -> None:
    """Settle the upload and destroy the file and what the preview showed of it."""
    rows = Upload.objects.filter(pk=upload.pk, state__in=[Upload.State.CHECKED, Upload.State.QUEUED])
    kept = json.dumps({"counts": preview(upload).get("counts", {})})
    if not rows.update(state=state, outcome=outcome, content=None, report=kept, done=upload.total):
        raise Conflict(_("This workbook was imported or dropped before."), _("Upload it again if it has changed."))


def import_sheets(village: Place, sheets: Sheets, *, by: Actor, progress: Progress = lambda done: None) -> Counter[str]:
    """Write all five sheets in the caller's transaction; what was new and what was changed."""
    counts: Counter[str] = Counter()
    now = clock.now()
    rows = sheets.rows
    grids = write_grids(rows["网格"], village, counts)
    doors = write_doors(rows["住户"], {row["number"] for row in rows["居民"]}, grids, now, counts)
    progress(len(rows["网格"]) + len(rows["住户"]))
    people = write_residents(rows["居民"], doors, village.code, now, counts)
    progress(len(rows["网格"]) + len(rows["住户"]) + len(rows["居民"]))
    write_posts(rows["岗位人员"], grids, people, counts, by)
    write_sites(rows["重点场所"], grids, people, counts, by)
    _recount(village.code)
    return Counter({name: n for name, n in counts.items() if n})


def _recount(village: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE people_household home SET residents = n.residents, vulnerable = n.vulnerable
               FROM (SELECT h.id, count(p.id) residents, count(p.id) FILTER (WHERE p.vulnerable) vulnerable
                     FROM people_household h LEFT JOIN people_person p ON p.household_id = h.id AND p.left_on IS NULL
                     WHERE h.village = %s GROUP BY h.id) n
               WHERE n.id = home.id AND (home.residents, home.vulnerable) <> (n.residents, n.vulnerable)""",
            [village],
        )


def _one_at_a_time(village: Place) -> None:
    """Two imports of one village wait for each other; otherwise both could enter the same people."""
    locks.wait(f"people.upload.{village.code}")


def _told(upload: Upload) -> Progress:
    """Tell the page how far we are, by a second connection: the import's own transaction shows nothing yet. It waits
    for nobody: it would be for itself."""
    if upload.total < LARGE:
        return lambda done: None

    def tell(done: int) -> None:
        beside = connections["default"].copy()
        try:
            with beside.cursor() as cursor:
                cursor.execute(
                    """UPDATE people_upload SET done = %s
                       WHERE id = (SELECT id FROM people_upload WHERE id = %s FOR UPDATE SKIP LOCKED)""",
                    [done, upload.pk],
                )
        finally:
            beside.close()

    return tell
