"""How the tests are shared out among the workers of xdist, so that all of them are busy to the end.

A module goes to one worker, because its fixtures are dear. The slow ones go first, or the last of them would run alone;
the walk over all pages is cut into parts, or it would take longer than everything else together.
"""

from __future__ import annotations

from collections import OrderedDict
from zlib import crc32

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

PARTS = {"tests/browser/test_pages.py": 2}
FIRST = ("tests/browser/test_pages.py", "tests/browser/", "tests/permissions/", "tests/flows/")


def rank(scope: str) -> int:
    return next((place for place, start in enumerate(FIRST) if scope.startswith(start)), len(FIRST))


class SlowFirst(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", 1)[0]
        parts = PARTS.get(module, 1)
        return f"{module}@{crc32(nodeid.encode()) % parts}" if parts > 1 else module

    def _assign_work_unit(self, node: WorkerController) -> None:
        if not any(self.assigned_work.values()):  # before the first unit is given away
            slow_first = sorted(self.workqueue.items(), key=lambda unit: (rank(unit[0]), -len(unit[1])))
            self.workqueue = OrderedDict(slow_first)
        super()._assign_work_unit(node)
