"""Every page at 390 and 1440 px as a picture in var/screens, from the same walk that judges them (make screens).

python -m tools.screens [-k NAME]    LASTMILE_SCREENS_THEME=dark for the dark ones
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("LASTMILE_VAR", ROOT / "var")) / "screens"


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/browser/test_pages.py", *sys.argv[1:]]
    environment = {**os.environ, "LASTMILE_SCREENS": str(FOLDER)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
