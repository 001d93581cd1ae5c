"""The audit trail of months that are over, as signed files: written, checked, and only then released from the table.

A line of an archive is "digest text": the text that the digest covers, so sha256(digest of the line before + text)
gives the digest of the line. The certificate of a month says where it begins and ends in the chain, and the digest of
the certificate before it: a missing month shows. Why: docs/adr/0033-retention-and-certificates.md.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lastmile.kernel import clock, locks, seal
from lastmile.kernel.models import AuditArchive, AuditEntry

SHORTEST = 6  # months that entries stay searchable, by law
GRACE = timedelta(days=1)  # after a month has ended: nobody still writes into it
DIGEST = 64  # hex digits at the start of a line
LINES = """SELECT encode(digest, 'hex') || ' ' || kernel_audit_text(e) || E'\\n', id, digest FROM kernel_auditentry e
           WHERE id BETWEEN %s AND %s ORDER BY id"""


class Fault(NamedTuple):
    """The archive that does not hold, from which of its entries on, and why."""

    month: date
    entry: int
    reason: str | Promise

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} · {self.entry}: {self.reason}"


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def later(month: date, months: int) -> date:
    """The first day of the month so many months on."""
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.BEIJING)


def write_due() -> int:
    """Write the archive of every month that is over. How many there were; none while another worker does it."""
    written = 0
    while _write_next():
        written += 1
    return written


@transaction.atomic
def _write_next() -> bool:
    if not locks.alone("kernel.archive"):
        return False
    before = AuditArchive.objects.defer("content").order_by("-last_id").first()
    fresh = AuditEntry.objects.filter(id__gt=before.last_id if before else 0)
    first = fresh.order_by("id").first()
    if first is None:
        return False
    month = clock.day_of(first.at).replace(day=1)
    month = max(month, next_month(before.month)) if before else month  # a clock that went back tears nothing apart
    end = _midnight(next_month(month))
    if clock.now() < end + GRACE:
        return False
    behind = fresh.filter(at__gte=end).order_by("id").values_list("id", flat=True).first()
    last = (fresh.filter(id__lt=behind) if behind else fresh).order_by("-id").values_list("id", flat=True)[0]
    _write(month, first, last, before)
    return True


def _write(month: date, first: AuditEntry, last: int, before: AuditArchive | None) -> None:
    content, entries, digest = _packed(first.pk, last)
    now = clock.now()
    certificate = seal.text(
        {
            "what": "audit trail",
            "month": f"{month:%Y-%m}",
            "first": first.pk,
            "last": last,
            "entries": entries,
            "previous": bytes(first.previous).hex(),
            "digest": digest.hex(),
            "sha256": hashlib.sha256(content).hexdigest(),
            "certificate_before": _sha256(before.certificate) if before else "",
            "written": now.isoformat(timespec="seconds"),
        }
    )
    AuditArchive.objects.create(
        month=month,
        first_id=first.pk,
        last_id=last,
        entries=entries,
        previous=first.previous,
        digest=digest,
        content=content,
        certificate=certificate,
        signature=seal.sign(certificate),
        written_at=now,
    )


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _packed(first: int, last: int) -> tuple[bytes, int, bytes]:
    """(compressed lines, how many, the last digest)."""
    buffer, count, digest = io.BytesIO(), 0, b""
    packed = gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=5)
    with packed, connection.chunked_cursor() as cursor:
        cursor.execute(LINES, [first, last])
        while rows := cursor.fetchmany(5000):
            packed.write("".join(row[0] for row in rows).encode())
            count, digest = count + len(rows), bytes(rows[-1][2])
    return buffer.getvalue(), count, digest


def verify() -> Fault | None:
    """Every archive against its signature, its own chain and its neighbours, and the trail that goes on after it."""
    before: AuditArchive | None = None
    for pk in AuditArchive.objects.order_by("month").values_list("pk", flat=True):
        archive = AuditArchive.objects.get(pk=pk)  # one at a time: each is a file
        fault = check(archive) or _continues(archive, before)
        if fault is not None:
            return fault
        before = archive
    return _released_without_archive()


def check(archive: AuditArchive) -> Fault | None:
    """Whether one archive is what was signed, and its chain holds from its first line to its last."""
    if not seal.holds(archive.certificate, bytes(archive.signature)):
        return Fault(archive.month, archive.first_id, _("its certificate is not signed by a key of this system"))
    said = json.loads(archive.certificate)
    if said != said | _facts(archive):
        return Fault(archive.month, archive.first_id, _("its certificate says something else than the archive"))
    content = bytes(archive.content)
    whole = hashlib.sha256(content).hexdigest() == said["sha256"]
    return _walk(archive, content) or (
        None if whole else Fault(archive.month, archive.first_id, _("its file is not the one that was signed"))
    )


def _facts(archive: AuditArchive) -> dict[str, Any]:
    return {
        "month": f"{archive.month:%Y-%m}",
        "first": archive.first_id,
        "last": archive.last_id,
        "entries": archive.entries,
        "previous": bytes(archive.previous).hex(),
        "digest": bytes(archive.digest).hex(),
    }


def lines(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(number, digest, text) of each entry. Raises ValueError or OSError where the file is no such file."""
    for line in _unpacked(content):
        yield _number(line), bytes.fromhex(line[:DIGEST].decode()), line[DIGEST + 1 :]


def _unpacked(content: bytes) -> list[bytes]:
    return gzip.decompress(content).rstrip(b"\n").split(b"\n")


def _number(line: bytes) -> int:
    return int(line[DIGEST + 2 : line.index(b",")])


def _walk(archive: AuditArchive, content: bytes) -> Fault | None:
    """The chain from line to line, in the fewest steps that Python allows: a year of a city is millions of them."""
    previous, number, digest_of = bytes(archive.previous), archive.first_id, hashlib.sha256
    try:
        found = _unpacked(content)
        for line in found:
            digest = digest_of(previous + line[DIGEST + 1 :])
            if digest.hexdigest().encode() != line[:DIGEST]:
                number = _number(line)
                return Fault(archive.month, number, _("this entry was altered, or does not follow the one before it"))
            previous = digest.digest()
        number = _number(found[-1])
    except (ValueError, OSError, EOFError, zlib.error):
        return Fault(archive.month, number, _("its file can't be read"))
    if (len(found), previous, number) != (archive.entries, bytes(archive.digest), archive.last_id):
        return Fault(archive.month, number, _("entries at its end were removed"))
    return None


def _continues(archive: AuditArchive, before: AuditArchive | None) -> Fault | None:
    digest, certificate = (bytes(before.digest), _sha256(before.certificate)) if before else (b"", "")
    if bytes(archive.previous) != digest or json.loads(archive.certificate)["certificate_before"] != certificate:
        return Fault(archive.month, archive.first_id, _("the archive before this one is missing or another one"))
    known = AuditEntry.objects.filter(pk=archive.last_id).values_list("digest", flat=True).first()
    if archive.last_id > tail()[1] and (known is None or bytes(known) != bytes(archive.digest)):
        return Fault(archive.month, archive.last_id, _("the audit trail no longer holds what was archived"))
    return None


def tail() -> tuple[int, int, bytes]:
    """(entries released from the table so far, the last of them, its digest)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entries, last_id, digest FROM kernel_audit_tail")
        entries, last, digest = cursor.fetchone()
    return entries, last, bytes(digest)


def _released_without_archive() -> Fault | None:
    entries, last, digest = tail()
    held = list(AuditArchive.objects.filter(last_id__lte=last).order_by("last_id").values_list("entries", "digest"))
    if last and (not held or sum(n for n, _d in held) != entries or bytes(held[-1][1]) != digest):
        return Fault(clock.today().replace(day=1), last, _("entries were taken from the trail that lie in no archive"))
    return None


def release_due() -> int:
    """Take months out of the table that are old enough, each after its archive was checked once more. How many."""
    months = max(SHORTEST, settings.AUDIT_MONTHS)
    released = 0
    for pk in AuditArchive.objects.filter(last_id__gt=tail()[1]).order_by("month").values_list("pk", flat=True):
        archive = AuditArchive.objects.get(pk=pk)
        if clock.today() < later(archive.month, months + 1):
            break
        if (fault := check(archive)) is not None:
            raise RuntimeError(f"archive not released: {fault}")
        with transaction.atomic():
            if not locks.alone("kernel.archive"):
                break
            with connection.cursor() as cursor:
                cursor.execute("SELECT kernel_audit_release(%s)", [archive.month])
        released += 1
    return released


def agrees(entry: int, digest: bytes) -> bool:
    """Whether a released entry has, in its archive, the digest that was noted down."""
    archive = AuditArchive.objects.filter(first_id__lte=entry, last_id__gte=entry).first()
    if archive is None:
        return False
    return any(number == entry and found == digest for number, found, _text in lines(bytes(archive.content)))


def files(archive: AuditArchive) -> dict[str, bytes]:
    """What is taken away of a month: its entries, and the certificate with its signature."""
    name = f"audit-{archive.month:%Y-%m}"
    proof = {"certificate": archive.certificate, "signature": bytes(archive.signature).hex()}
    return {
        f"{name}.txt.gz": bytes(archive.content),
        f"{name}.certificate.json": json.dumps(proof, ensure_ascii=False, indent=1).encode(),
    }
