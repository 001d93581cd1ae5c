"""What others made and we ship or build with: pinned, hashed, of a licence we may use, and without a known hole.

`python -m tools.supply [--offline]`. Everything but the last is checked without a network. Known vulnerabilities, of
Python's and the browser's packages, are asked of the OSV database in one request; where it can't be reached a line
says SKIPPED, and that is no failure.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;\\]+)")
WANTED = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
# SPDX names and the older ways of writing them; matched as words of whatever the package says of itself.
ALLOWED = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|CMU|HPND|BSD|Apache|ISC|ISCL|PSF|PSFL|Python Software Foundation|Python-2\.0|MPL-2\.0"
    r"|MPL 2\.0|Mozilla Public License 2\.0|LGPL|LGPLv3|Lesser General Public|Zlib|zlib|Unlicense|0BSD|CC0|OFL|SIL"
    r"|Boost|BSL-1\.0|PostgreSQL)\b"
)
REFUSED = re.compile(r"\b(AGPL|Affero|SSPL|BUSL|Commercial|Proprietary|NonCommercial)\b", re.IGNORECASE)
# What the words of a package don't say, or what is used in a way that its licence allows.
SAID_ELSEWHERE: dict[str, str] = {
    "splaytree-ts": "BSD-3-Clause, which its package misspells",
    "espeakng-loader": "GPL-3.0: a program of its own that is started, not linked; optional (SPEECH=0)",
}
OSV, PATIENCE = "https://api.osv.dev/v1/querybatch", 10  # seconds
ACCEPTED: dict[str, str] = {}  # id of a vulnerability → why it does not touch us, until when


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(text: str) -> Iterator[str]:
    """The requirements of a file, each with its continued lines on one."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def requirements(folder: Path) -> Iterator[str]:
    for wanted in sorted(folder.glob("*.in")):
        locked = wanted.with_suffix(".txt")
        if not locked.exists():
            yield f"{wanted.name} has no {locked.name}: make lock"
            continue
        pinned = set()
        for entry in entries(locked.read_text("utf-8")):
            found = PINNED.match(entry)
            if found is None:
                yield f"{locked.name}: “{entry[:60]}” is not pinned to one version"
            elif not HASH.search(entry):
                yield f"{locked.name}: {found['name']} has no hash"
            else:
                pinned.add(normal(found["name"]))
        asked = {normal(m["name"]) for line in entries(wanted.read_text("utf-8")) if (m := WANTED.match(line))}
        yield from (f"{locked.name}: {name} is missing: make lock" for name in sorted(asked - pinned))


def versions(folder: Path) -> dict[str, set[str]]:
    """What is pinned, by name: one version, or one for each range of Python's."""
    pinned: dict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.glob("*.txt")):
        for entry in entries(path.read_text("utf-8")):
            if found := PINNED.match(entry):
                pinned[normal(found["name"])].add(found["version"])
    return pinned


def installed(pinned: dict[str, set[str]]) -> Iterator[str]:
    """What runs here is what is pinned, and of a licence that is allowed."""
    for found in metadata.distributions():
        name = normal(found.metadata["Name"])
        if name not in pinned:
            continue
        if found.version not in pinned[name]:
            yield f"{name} {found.version} is installed, {' or '.join(sorted(pinned[name]))} is pinned"
        said = licence(found.metadata)
        if name not in SAID_ELSEWHERE and not allowed(said):
            yield f"{name}: the licence “{said[:60] or 'nothing said'}” is not on the list of those we may use"


def allowed(said: str) -> bool:
    return bool(ALLOWED.search(said)) and not REFUSED.search(said)


def licence(about: Any) -> str:
    expression = about.get("License-Expression")
    classified = [one for one in about.get_all("Classifier") or [] if one.startswith("License ::")]
    lines = (about.get("License") or "").strip().splitlines()
    return str(expression or "; ".join(classified) or (lines[0] if lines else ""))


def browser(lock: Path) -> Iterator[str]:
    """package-lock.json: every package with its checksum and a licence, none from an address of its own."""
    held = json.loads(lock.read_text("utf-8"))
    for path, package in held["packages"].items():
        name = path.removeprefix("node_modules/")
        if not path:
            asked = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
            yield from (f"{lock.name}: {one} is not pinned" for one, v in asked.items() if not v[:1].isdigit())
            continue
        if not str(package.get("integrity", "")).startswith("sha512-"):
            yield f"{lock.name}: {name} has no checksum"
        if "resolved" in package:
            yield f"{lock.name}: {name} names the host it came from"
        if name not in SAID_ELSEWHERE and not allowed(str(package.get("license", ""))):
            yield f"{lock.name}: {name}: the licence “{package.get('license', '')}” is not on the list"


def packages(folder: Path, lock: Path) -> Iterator[tuple[str, str, str]]:
    """(ecosystem, name, version) of everything pinned."""
    for name, found in versions(folder).items():
        yield from (("PyPI", name, version) for version in sorted(found))
    for path, package in json.loads(lock.read_text("utf-8"))["packages"].items():
        if path:
            yield "npm", path.rpartition("node_modules/")[2], package["version"]


def fitting() -> Iterator[str]:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    if done.returncode:
        yield from done.stdout.strip().splitlines()


def known_holes(packages: Iterable[tuple[str, str, str]]) -> list[str]:
    """Those of (ecosystem, name, version) with a known vulnerability. Raises OSError where nobody can be asked."""
    all_of = list(packages)
    asked = [{"package": {"name": name, "ecosystem": kind}, "version": version} for kind, name, version in all_of]
    found = []
    for (kind, name, version), said in zip(all_of, ask({"queries": asked}).get("results", []), strict=True):
        ids = [hole["id"] for hole in said.get("vulns", []) if hole["id"] not in ACCEPTED]
        if ids:
            found.append(f"{name} {version} ({kind}) has known vulnerabilities: {', '.join(ids)}")
    return found


def ask(question: dict[str, Any]) -> dict[str, Any]:
    request = Request(OSV, json.dumps(question).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  (a fixed https address)
            got: dict[str, Any] = json.loads(answer.read())
            return got
    except ValueError as error:  # a proxy's page
        raise OSError("what came back is no answer") from error


def main() -> int:
    folder, lock = ROOT / "requirements", ROOT / "package-lock.json"
    wrong = [*requirements(folder), *installed(versions(folder)), *browser(lock), *fitting()]
    if "--offline" not in sys.argv:
        try:
            wrong += known_holes(packages(folder, lock))
        except OSError as error:
            print(f"SKIPPED known vulnerabilities: the advisory service can't be reached ({error})")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
