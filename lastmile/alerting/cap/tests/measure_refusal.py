"""Reads files with the codec, each in a process of its own, and prints what each cost as a line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import django


def main(paths: list[Path]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.site.settings")
    django.setup()
    import lastmile.alerting.cap.read  # once, before the processes part

    assert lastmile.alerting.cap.read
    for path in paths:
        child = os.fork()
        if not child:
            print(json.dumps(measured(path)), flush=True)
            os._exit(0)
        os.waitpid(child, 0)


def measured(path: Path) -> dict[str, object]:
    from lastmile.alerting.cap.files import load
    from lastmile.alerting.cap.findings import Refused
    from lastmile.alerting.cap.read import read_all

    before, started, refused = peak(), time.process_time(), ""
    try:
        read_all(load(path))
    except Refused as error:
        refused = error.finding.code
    seconds, megabytes = time.process_time() - started, peak() - before
    return {"file": path.name, "refused": refused, "seconds": seconds, "megabytes": megabytes}


def peak() -> float:
    """The most memory this process had at once, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
