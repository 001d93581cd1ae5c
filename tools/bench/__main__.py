"""`python -m tools.bench [--residents N] [--only duties] [--json FILE] [--page FILE]`: the claims, measured.

`--only duties` measures the to-do and its escalation in a city of its own; the rest of the page stays.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.bench import city
from tools.bench.results import Board

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--residents", type=int, default=1_000_000)
    options.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json")
    options.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    options.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md as it is")
    options.add_argument("--only", choices=["duties"], help="measure this part alone")
    wanted = options.parse_args()
    if wanted.only:
        return _alone(wanted.page, keep=not wanted.no_page)
    board = Board(wanted.residents)
    board.console.print(f"settling {wanted.residents:,} residents (kept for the next run)")
    city.settle(wanted.residents)
    _run(board)
    board.console.print(board.table())
    board.write_json(wanted.json)
    if not wanted.no_page:
        board.write_page(wanted.page)
    return 1 if any(result.ok is False for result in board.results) else 0


def _alone(page: Path, *, keep: bool) -> int:
    board = Board(0)
    board.console.print("the to-do of 50,000 people, 2,000,000 obligations (kept for the next run)")
    city.start("bench-duties", per_village=6)
    from tools.bench import duties

    duties.settle()
    duties.measure(board)
    board.console.print(board.table())
    if keep:
        board.write_section(page, "The to-do and its escalation")
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
