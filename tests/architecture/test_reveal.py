"""Personal values are opened in few places: where the look is logged, and on the dispatch path in bulk."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAY_REVEAL = {
    "lastmile/kernel/fields.py": "masks what it opens",
    "lastmile/community/accounts/second.py": "shows a log-in the key of its own second factor, and checks codes by it",
    "lastmile/community/people/queries": "logs every look",
    "lastmile/community/people/actions/posts.py": "compares a number with the one on file, and shows none",
    "lastmile/community/people/sheets/": "compares a workbook with what is there",
    "lastmile/community/cells/sheets.py": "compares a workbook with what is there",
    "lastmile/community/accounts/book/": "unpacks what whoever confirmed it has typed, and hands passwords over once",
    "lastmile/duties/digest.py": "sends a person their own list to their own address",
    "lastmile/modules/shelters/queries/desk.py": "shows who is in no list to the keeper of the shelter, and notes it",
    "lastmile/modules/mydata/actions/proof.py": "sends a code to the number that asked for it",
    "lastmile/modules/mydata/actions/settle.py": "shows a resident's wish to whoever may correct it, notes it",
    "lastmile/modules/mydata/queries/held.py": "shows residents their own words",
    "lastmile/alerting/roster.py": "opens what somebody wrote, and notes who read it",
    "lastmile/alerting/cascade/words.py": "tells a superior by name who is silent",
    "lastmile/alerting/cascade/calling.py": "opens what a command post wrote, to send it",
    "lastmile/alerting/cascade/dossier.py": "gives people their own evidence under their own name",
    "lastmile/alerting/cascade/evidence.py": "shows what a command post wrote to whoever works there",
    "lastmile/alerting/paper/printing.py": "gives printed sheets to whoever printed them, and notes it",
    "lastmile/alerting/sources/trust.py": "sends a source its own token and checks what it has signed",
    "lastmile/alerting/deployments/wire.py": "signs with our own key for a link, and proves the one-time code",
    "lastmile/alerting/senders.py": "makes the channel that an account's settings describe, and shows none of them",
    "lastmile/alerting/routes.py": "makes the lanes of accounts",
    "lastmile/alerting/subscribers/pushing.py": "signs what a subscriber gets with the secret both know",
    "lastmile/alerting/chat/telling.py": "posts to the robot of a group, signed with the secret both know",
    "lastmile/alerting/followers/letters.py": "sends followers what they asked for, at the address they gave for it",
    "lastmile/alerting/followers/pushes.py": "seals what a browser asked for, under the keys it gave for it",
    "lastmile/alerting/dispatch.py": "opens the contacts of a batch that is being sent",
    "lastmile/alerting/channels/fake/": "the phone network that ships opens only numbers nobody can have",
    "lastmile/alerting/management/commands/phones.py": "fills the phone network that ships",
}


def calls(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text()))
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal"
        for node in nodes
    )


def test_nobody_else_opens_a_sealed_value() -> None:
    sources = [path for path in (ROOT / "lastmile").rglob("*.py") if "tests" not in path.parts]
    found = {str(path.relative_to(ROOT)) for path in sources if calls(path)}
    assert {name for name in found if not name.startswith(tuple(MAY_REVEAL))} == set()


def test_templates_open_nothing() -> None:
    pages = (ROOT / "lastmile").rglob("*.html")
    assert [page.name for page in pages if "reveal" in page.read_text()] == []
