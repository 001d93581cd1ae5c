"""Every check and every test, each named with its time; the exit code is 1 if one failed.

python tools/check.py [--no-tests] [--only NAME …]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PY = sys.executable

CHECKS: dict[str, list[str]] = {
    "format": [PY, "-m", "ruff", "format", "--check", "."],
    "ruff": [PY, "-m", "ruff", "check", "."],
    "imports": [str(Path(PY).parent / "lint-imports"), "--no-logo"],
    "types": [PY, "-m", "mypy"],
    "migrations": [PY, "-m", "lastmile", "makemigrations", "--check", "--dry-run"],
    "translations": [PY, "-m", "tools.translations"],
    "doors": [PY, "-m", "lastmile", "permissions", "--check"],
    "openapi": [PY, "-m", "lastmile", "openapi", "--check"],
    "supply": [PY, "-m", "tools.supply"],
}
TESTS: dict[str, list[str]] = {
    "tests": [PY, "-m", "pytest", "-n", os.environ.get("LASTMILE_TEST_WORKERS", "2"), "--dist", "loadscope"],
}


def run(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=name != "tests", text=True, check=False)
    ok = done.returncode == 0
    print(f"{'ok    ' if ok else 'FAILED'} {name} ({time.monotonic() - started:.0f} s)", flush=True)
    if name != "tests":
        print("".join(f"       {line}\n" for line in done.stdout.splitlines() if line.startswith("SKIPPED")), end="")
    if not ok and name != "tests":
        print(done.stdout[-6000:], done.stderr[-3000:], sep="\n", flush=True)
    return ok


def main() -> int:
    wanted = CHECKS if "--no-tests" in sys.argv else CHECKS | TESTS
    if "--only" in sys.argv:
        names = sys.argv[sys.argv.index("--only") + 1 :]
        wanted = {name: command for name, command in (CHECKS | TESTS).items() if name in names}
    failed = [name for name, command in wanted.items() if not run(name, command)]
    if failed:
        print("failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
