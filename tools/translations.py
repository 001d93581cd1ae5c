"""Fail if a text of the pages has no Chinese translation.

The source speaks English; the parts in `lastmile/site/locale/zh_Hans/*.po` must translate every message.
`--missing` prints what is missing as a .po part to fill in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tools.compile_messages import merged

ROOT = Path(__file__).resolve().parents[1]


def collected() -> list[Message]:
    """The messages of the source as it stands, gathered in a copy so that the tree is not touched."""
    with tempfile.TemporaryDirectory() as scratch:
        ignore = shutil.ignore_patterns("__pycache__", "*.po", "*.mo")
        shutil.copytree(ROOT / "lastmile", Path(scratch) / "lastmile", ignore=ignore)
        command = [sys.executable, "-m", "lastmile", "makemessages", "-l", "zh_Hans", "--no-location", "-v0"]
        environment = {**os.environ, "LASTMILE_VAR": str(ROOT / "var")}
        done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        found = Path(scratch) / "lastmile" / "site" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        with found.open("rb") as text:
            return [message for message in read_po(text, locale="zh_Hans") if message.id]


def is_filled(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string or ""]
    return bool(strings[0])


def shown(message: Message) -> str:
    """A message as an entry to fill in."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    head = f"msgctxt {quoted(message.context)}\n" if message.context else ""
    if isinstance(message.id, (list, tuple)):
        return f'{head}msgid {quoted(message.id[0])}\nmsgid_plural {quoted(message.id[1])}\nmsgstr[0] ""\n'
    return f'{head}msgid {quoted(message.id)}\nmsgstr ""\n'


def main() -> int:
    if shutil.which("xgettext") is None:
        print("SKIPPED LOUDLY: xgettext (package gettext) is not installed, translations are not checked")
        return 1 if os.environ.get("CI") else 0
    known = merged()
    missing = [message for message in collected() if not is_filled(known.get(message.id, message.context))]
    for message in missing:
        print(shown(message))
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
