"""Open an uploaded file only after looking at it from outside: no macros, no bombs, nothing that is not a workbook."""

from __future__ import annotations

import io
import zipfile

from django.conf import settings
from django.utils.translation import gettext as _

from lastmile.kernel.errors import Refusal

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UNPACKED_LIMIT = 300_000_000  # bytes of all parts together
RATIO_LIMIT = 150  # a part of text packs 10 to 40 times
RATIO_FROM = 1_000_000  # smaller parts harm nobody
PARTS_LIMIT = 1_000


def refuse_unsafe(filename: str, content: bytes) -> None:
    """Raises Refusal with a sentence for anything but a plain .xlsx of reasonable size."""
    if len(content) > settings.UPLOAD_LIMIT:
        raise Refusal(
            _("The file is larger than %(limit)s MB.") % {"limit": settings.UPLOAD_LIMIT // 1_000_000},
            _("Delete pictures and empty rows, or upload it grid by grid."),
            status=413,
        )
    if filename.lower().endswith((".xlsm", ".xltm", ".xlsb")):
        raise Refusal(
            _("Workbooks with macros are not accepted."), _("Save it as .xlsx (Excel workbook) and try again.")
        )
    if content.startswith(OLE):
        raise Refusal(
            _("This is an old .xls file, or a workbook with a password."),
            _("Open it, take the password away, save it as .xlsx and try again."),
        )
    if not content.startswith(ZIP) or not filename.lower().endswith(".xlsx"):
        raise Refusal(_("This is not an .xlsx workbook."), _("Download the template, fill it in and upload that file."))
    _refuse_unsafe_parts(content)


def _refuse_unsafe_parts(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
                raise Refusal(_("The workbook contains macros."), _("Save it as .xlsx without macros and try again."))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.open(part).read(4096):
                    raise Refusal(_("The workbook contains declarations that Excel never writes."), _("Save it again."))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise damaged() from error


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    dense = any(p.file_size > RATIO_FROM and p.file_size > RATIO_LIMIT * max(p.compress_size, 1) for p in parts)
    if total > UNPACKED_LIMIT or dense or len(parts) > PARTS_LIMIT:
        raise Refusal(
            _("Unpacked, this file would be far larger than a workbook of households can be."),
            _("Copy the rows into a fresh template and upload that."),
            status=413,
        )


def damaged() -> Refusal:
    return Refusal(
        _("The file is damaged and can't be read."), _("Open it in Excel or WPS, save it again, and upload it.")
    )
