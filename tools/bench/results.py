"""What was measured, against what it must be; as a table, as JSON and as a page."""

from __future__ import annotations

import json
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass
class Result:
    """`limit` is what must hold, as "<= 3" or ">= 200000"; an empty one is only a raw figure to compare with."""

    what: str
    value: float
    unit: str
    limit: str = ""

    @property
    def ok(self) -> bool | None:
        if not self.limit:
            return None
        sign, number = self.limit.split()
        return self.value <= float(number) if sign == "<=" else self.value >= float(number)

    @property
    def shown(self) -> str:
        number = f"{self.value:,.0f}" if abs(self.value) >= 100 else f"{self.value:.3g}"
        return f"{number} {self.unit}".strip()

    @property
    def verdict(self) -> str:
        return {True: "ok", False: "MISSED", None: ""}[self.ok]


@dataclass
class Board:
    residents: int
    results: list[Result] = field(default_factory=list)
    console: Console = field(default_factory=Console)

    def add(self, what: str, value: float, unit: str, limit: str = "") -> float:
        result = Result(what, value, unit, limit)
        self.results.append(result)
        self.console.print(f"  {what}: {result.shown} {result.verdict}")
        return value

    def table(self) -> Table:
        table = Table(title=f"{self.residents:,} residents")
        for column in ("measured", "value", "must be", ""):
            table.add_column(column)
        for result in self.results:
            table.add_row(result.what, result.shown, result.limit, result.verdict)
        return table

    def write_json(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [asdict(result) | {"ok": result.ok} for result in self.results]
        path.write_text(json.dumps({"residents": self.residents, "results": rows}, indent=1, ensure_ascii=False))

    def write_section(self, path: Path, title: str) -> None:
        """Put these results under a heading of their own; the rest of the page stays."""
        page = path.read_text() if path.exists() else "# Benchmarks\n"
        head, *sections = re.split(r"^(?=## )", page, flags=re.MULTILINE)
        kept = [section for section in sections if not section.startswith(f"## {title}\n")]
        made = "\n".join([f"## {title}", "", *self.rows(), ""])
        path.write_text("\n\n".join(part.rstrip() for part in [head, *kept, made]) + "\n")

    def rows(self) -> list[str]:
        head = ["| measured | value | must be | |", "|--|--|--|--|"]
        return [*head, *(f"| {r.what} | {r.shown} | {r.limit} | {r.verdict} |" for r in self.results)]

    def write_page(self, path: Path) -> None:
        lines = [
            "# Benchmarks",
            "",
            (
                f"Written by `make bench`: {self.residents:,} residents, embedded PostgreSQL, Python"
                f" {platform.python_version()}, {platform.machine()}. Read the ratios rather than the absolute"
            ),
            "figures: raw limits are measured in the same run, on the same machine, under the same load.",
            "",
            *self.rows(),
            "",
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        _head, mark, sections = path.read_text().partition("\n## ") if path.exists() else ("", "", "")
        path.write_text("\n".join(lines) + mark + sections)


class Clock:
    seconds = 0.0


@contextmanager
def timed() -> Iterator[Clock]:
    taken = Clock()
    start = time.perf_counter()
    yield taken
    taken.seconds = time.perf_counter() - start
