"""Files and functions stay small enough to read; the exceptions are listed with their reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path for path in (ROOT / "lastmile").rglob("*.py") if "migrations" not in path.parts and "tests" not in path.parts
]
FILE_CAP, FUNCTION_CAP, VIEW_CAP, SQL_CAP = 400, 50, 20, 60
LONG_ON_PURPOSE: dict[str, str] = {
    "lastmile/site/settings.py": "one file holds every setting",
}


def length(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_are_short(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if name not in LONG_ON_PURPOSE:
        assert len(path.read_text().splitlines()) <= FILE_CAP
    cap = VIEW_CAP if path.name == "views.py" or path.parent.name == "views" else FUNCTION_CAP
    assert {node.name: length(node) for node in functions(path) if length(node) > cap} == {}


def test_sql_files_fit_a_screen() -> None:
    too_long = [
        path.name for path in (ROOT / "lastmile").rglob("*.sql") if len(path.read_text().splitlines()) > SQL_CAP
    ]
    assert too_long == []
