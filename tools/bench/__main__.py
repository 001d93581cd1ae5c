"""`python -m tools.bench [--residents N] [--only PART] [--json FILE] [--page FILE]`: the claims, measured.

`--only` measures one part: those of ALONE in a city of their own, the doors that the phones leave (visits), a change
of keys (rotation) or what SM4 costs beside AES (ciphers). The rest of the page stays.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from tools.bench import city
from tools.bench.results import Board

ROOT = Path(__file__).resolve().parents[2]
ALONE = {  # part → folder of its city, grids of each village, section of the page, what it is
    "cascade": ("bench-cascade", 6, "叫应", "more than 20,000 posts that must answer"),
    "duties": ("bench-duties", 6, "The to-do and its escalation", "the to-do of 50,000 people, 2,000,000 obligations"),
    "facts": ("bench-facts", 1, "Facts of a city", "30 fields of each of 3,306 villages, half a year of requests"),
    "public": ("bench-public", 1, "Public site", "pages of warnings for everybody, from memory"),
    "smpp": ("bench-smpp", 1, "SMS by SMPP", "20,000 messages at an invented SMS centre, bare and by the channel"),
    "http": ("bench-http", 1, "SMS over HTTP", "100,000 residents, bare and by our code, to the same gateway"),
    "isolation": ("bench-http", 1, "A sick channel beside a healthy one", "dead, silent and slow gateways"),
    "trail": ("bench-trail", 1, "The audit trail", "1,000,000 entries of half a year"),
    "mqtt": ("bench-mqtt", 1, "Loudspeakers by MQTT", "30,000 commands at a Mosquitto, bare and by our code"),
    "walls": (
        "bench-walls",
        1,
        "Row-level security",
        "pages with the second wall and without, 50,000 residents of one county",
    ),
    "paper": ("bench-paper", 1, "Sheets on paper", "30 grids of 900 people"),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--residents", type=int, default=1_000_000)
    options.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json")
    options.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    options.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md as it is")
    options.add_argument("--only", choices=[*ALONE, "visits", "rotation", "ciphers"], help="measure this part alone")
    wanted = options.parse_args()
    if wanted.only == "visits":
        return _visits(wanted.residents, wanted.page, keep=not wanted.no_page)
    if wanted.only == "rotation":
        return _rotation(wanted.residents, wanted.page, keep=not wanted.no_page)
    if wanted.only == "ciphers":
        return _ciphers(wanted.page, keep=not wanted.no_page)
    if wanted.only:
        return _alone(wanted.only, wanted.page, keep=not wanted.no_page)
    board = Board(wanted.residents)
    board.console.print(f"settling {wanted.residents:,} residents (kept for the next run)")
    city.settle(wanted.residents)
    _run(board)
    board.console.print(board.table())
    board.write_json(wanted.json)
    if not wanted.no_page:
        board.write_page(wanted.page)
    return 1 if any(result.ok is False for result in board.results) else 0


def _alone(part: str, page: Path, *, keep: bool) -> int:
    board = Board(0)
    folder, per_village, title, intro = ALONE[part]
    board.console.print(f"{intro} (kept for the next run)")
    city.start(folder, per_village=per_village)
    measured = importlib.import_module(f"tools.bench.{part}")
    measured.settle()
    measured.measure(board)
    board.console.print(board.table())
    if keep:
        board.write_section(page, title)
    return 1 if any(result.ok is False for result in board.results) else 0


def _visits(residents: int, page: Path, *, keep: bool) -> int:
    board = Board(residents)
    board.console.print(f"the doors that the phones leave, of {residents:,} residents (kept for the next run)")
    city.settle(residents)
    city.empty()
    from tools.bench import visits

    visits.measure(board)
    board.console.print(board.table())
    if keep:
        board.write_section(page, "The doors that the phones leave")
    return 1 if any(result.ok is False for result in board.results) else 0


def _rotation(residents: int, page: Path, *, keep: bool) -> int:
    board = Board(residents)
    board.console.print(f"everything that is sealed of {residents:,} residents, under another key")
    city.settle(residents)
    from tools.bench import rotation

    rotation.measure(board)
    board.console.print(board.table())
    if keep:
        board.write_section(page, "A change of keys")
    return 1 if any(result.ok is False for result in board.results) else 0


def _ciphers(page: Path, *, keep: bool) -> int:
    board = Board(0)
    from tools.bench import ciphers

    ciphers.measure(board)
    board.console.print(board.table())
    if keep:
        board.write_section(page, "Ciphers of personal fields")
    return 1 if any(result.ok is False for result in board.results) else 0


def _run(board: Board) -> None:
    from tools.bench import ledger, onboard, pages, radar, send
    from tools.bench.desk import Desk

    city.empty()
    desk = Desk()
    board.console.print("an area and its people")
    ledger.area(board)
    board.console.print("the ledger")
    event = ledger.measure(board, desk)
    board.console.print("the send")
    send.measure(board, desk, event)
    board.console.print("the page")
    pages.measure(board, event)
    board.console.print("from a workbook to a community")
    onboard.measure(board)
    board.console.print("what nobody holds")
    radar.measure(board, desk)


if __name__ == "__main__":
    raise SystemExit(main())
