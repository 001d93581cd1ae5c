"""The marks of a chat: numbering in every style, the chat's own pictures, full-width characters."""

from __future__ import annotations

import re
import unicodedata

ORDINAL = re.compile(r"^\s*[(]?(?:[一二三四五六七八九十]{1,3}|[IVX]{1,6})[.)、]\s*(?=\S)")  # 一、 (二) III.
KEYCAPS = re.compile(r"((?:\d\ufe0f?\u20e3)+)")  # 1️⃣2️⃣
# The first sign of a row of circled or dotted numbers, how many there are, and where they begin.
ROWS = ["①20 1", "㉑15 21", "㊱15 36", "❶10 1", "⓫10 11", "➀10 1", "➊10 1", "⑴20 1", "⒈20 1", "㈠10 1", "㊀10 1"]
CIRCLED = {chr(ord(row[0]) + n): int(row.split()[1]) + n for row in ROWS for n in range(int(row[1:].split()[0]))}
STICKER = re.compile(r"\[([\u4e00-\u9fffA-Za-z]{1,6})\]")  # how the chat writes its own pictures when it is copied
STICKERS = {"强": "👍", "OK": "👌", "Ok": "👌", "好的": "👌", "弱": "👎"}


def plain(raw: str) -> str:
    """Full-width characters as plain ones, the emoji kept; without the marks that only join emoji."""
    counted = KEYCAPS.sub(lambda one: re.sub(r"\D", "", one[1]) + ". ", raw.replace("🔟", "10. ").replace("➕", "+"))
    counted = "".join(f"{CIRCLED[c]}. " if c in CIRCLED else c for c in counted)
    counted = STICKER.sub(lambda one: STICKERS.get(one[1], " "), counted)
    return unicodedata.normalize("NFKC", counted).replace("\ufe0f", "").replace("\u200d", "").strip()
