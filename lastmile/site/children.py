"""Child processes of one terminal: started together, restarted when they crash, stopped together by their own pids.

`lastmile run` and the demo hold web, worker and phone network this way. A child's output is passed on with its name in
front. A child that crashes comes back after 1, 2, 4 … 30 seconds; one that ends by itself with code 0 stays away.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

LONGEST_WAIT = 30.0  # seconds between two restarts
CALM = 60.0  # seconds of running after which a crash counts as the first again
GRACE = 10.0  # seconds a child gets to finish its work


@dataclass
class Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    crashes: int = 0
    started: float = 0.0
    restart_at: float | None = None
    process: subprocess.Popen[str] | None = None

    def start(self, show: Callable[[str, str], None]) -> None:
        self.started, self.restart_at = time.monotonic(), None
        process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the parent only, which stops the children in order
        )
        self.process = process
        if process.stdout is not None:
            threading.Thread(target=_pass_on, args=(self.name, process.stdout, show), daemon=True).start()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


def _pass_on(name: str, lines: IO[str], show: Callable[[str, str], None]) -> None:
    for line in lines:
        show(name, line.rstrip())


def lastmile(*words: str) -> list[str]:
    """The command line of one of our own commands, with this Python."""
    return [sys.executable, "-m", "lastmile", *words]


def printed(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<7}│ {line}\n")
    sys.stdout.flush()


class Family:
    """All children of one terminal."""

    def __init__(self, children: Sequence[Child], show: Callable[[str, str], None] = printed) -> None:
        self.children = list(children)
        self.show = show
        self.stopping = False

    def start(self) -> None:
        for child in self.children:
            child.start(self.show)

    def watch(self) -> None:
        """Start again what has crashed and is due; call it every second or so."""
        now = time.monotonic()
        for child in self.children:
            if self.stopping or child.alive:
                continue
            if child.restart_at is None:
                self._ended(child, now)
            elif now >= child.restart_at:
                child.start(self.show)

    def _ended(self, child: Child, now: float) -> None:
        code = child.process.returncode if child.process else 0
        if code == 0:
            child.restart_at = float("inf")
            return
        child.crashes = 1 if now - child.started > CALM else child.crashes + 1
        wait = min(2.0 ** (child.crashes - 1), LONGEST_WAIT)
        child.restart_at = now + wait
        self.show(child.name, f"ended with code {code}; starting it again in {wait:.0f} s")

    def run(self) -> None:
        """Watch until SIGINT or SIGTERM, then stop everything."""
        done = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_arguments: done.set())
        try:
            while not done.wait(0.5):
                self.watch()
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask every child to finish, in reverse order; end those that don't within the grace time."""
        self.stopping = True
        for child in reversed(self.children):
            if child.process is not None and child.alive:
                child.process.terminate()
        until = time.monotonic() + GRACE
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
