"""Other rooms put work on a to-do through `duties.actions` only: they may read obligations, never write them."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITES = {"create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create", "save"}


def writes(path: Path) -> list[str]:
    """What the file makes or changes of Obligation and Event of duties, as source text."""
    text = path.read_text()
    if "duties.models" not in text:
        return []
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in {"Obligation", "Event"}]
    changed = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES]
    return [ast.unparse(c) for c in made] + [ast.unparse(c) for c in changed if "Obligation.objects" in ast.unparse(c)]


def test_only_duties_writes_obligations() -> None:
    others = [path for path in (ROOT / "lastmile").rglob("*.py") if "tests" not in path.parts]
    found = {str(path.relative_to(ROOT)): writes(path) for path in others if "lastmile/duties/" not in str(path)}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_no_statement_of_another_room_writes_them() -> None:
    statements = [path for path in (ROOT / "lastmile").rglob("*.sql") if "duties" not in path.parts]
    wrong = [path.name for path in statements if any(f"{verb} duties_obligation" in path.read_text() for verb in SQL)]
    assert wrong == []


SQL = ("INSERT INTO", "UPDATE", "DELETE FROM")
