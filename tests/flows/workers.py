"""Real worker processes for a test, each ended by its own pid; and waiting for what they do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from django.conf import settings

from lastmile.alerting.dispatch.store import database


def url(parameters: dict[str, object]) -> str:
    return f"postgresql://{parameters.get('user', '')}@/{parameters['dbname']}?host={parameters.get('host', '')}"


class Workers:
    """Worker processes of one test, each ended by its own pid."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = {
            **os.environ,
            "LASTMILE_VAR": str(settings.VAR),
            "DATABASE_URL": url(database()),
            "LASTMILE_LEASE_SECONDS": "2",
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "lastmile", "worker"]
        process = subprocess.Popen(command, env=self.environment, cwd=settings.BASE_DIR)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
                continue
            process.kill()


def wait(question: Callable[[], bool], seconds: float = 25) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not come to an end"
        time.sleep(0.05)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


Make = Callable[[dict[str, str]], Workers]
