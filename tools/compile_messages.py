"""Compile the Chinese texts with Babel, so that a machine without GNU gettext can be set up.

The texts lie in one part a room, `lastmile/site/locale/zh_Hans/<room>.po`; Django reads the one file they make.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[1] / "lastmile" / "site" / "locale" / "zh_Hans"


def merged() -> Catalog:
    """Every part in one catalogue. Raises SystemExit when two parts translate the same text differently."""
    whole = Catalog(locale="zh_Hans")
    for part in sorted(LOCALE.glob("*.po")):
        with part.open("rb") as text:
            for message in read_po(text, locale="zh_Hans"):
                known = whole.get(message.id, message.context) if message.id else None
                if known is not None and known.string != message.string:
                    raise SystemExit(f"{part.name} translates {message.id!r} otherwise than another part does")
                if message.id:
                    whole.add(message.id, message.string, context=message.context, flags=message.flags)
    return whole


def main() -> None:
    target = LOCALE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_suffix(".new")
    with scratch.open("wb") as compiled:
        write_mo(compiled, merged())
    scratch.replace(target)


if __name__ == "__main__":
    main()
