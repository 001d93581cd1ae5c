"""A real Mosquitto for one test: its own process on a free port of the loopback, ended by its pid."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lastmile.alerting.channels.mqtt.broker import Broker
from lastmile.alerting.channels.tests.rigs import free_port
from tests.authority import Authority

PLACES = ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto")
START = 10.0  # seconds


def program() -> str:
    """The broker to start: LASTMILE_MOSQUITTO, or the system's. Without one: a loud skip, a failure under CI."""
    asked = os.environ.get("LASTMILE_MOSQUITTO", "")
    found = asked or shutil.which("mosquitto") or next((path for path in PLACES if Path(path).exists()), "")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("no Mosquitto: install it, or name it in LASTMILE_MOSQUITTO")
    pytest.skip("SKIPPED LOUDLY: no Mosquitto on this machine, loudspeakers were not tried")


class Mosquitto:
    """`stop` and `start` again keep port and, with `keeps`, what was retained and queued."""

    def __init__(self, folder: Path, *, tls: Authority | None = None, keeps: bool = True) -> None:
        self.folder, self.port, self.tls = folder, free_port(), tls
        self._process: subprocess.Popen[bytes] | None = None
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "log_dest none", "max_queued_messages 0"]
        lines += ["max_inflight_messages 0"]
        if keeps:
            lines += ["persistence true", f"persistence_location {folder}/", "autosave_interval 1"]
        if tls is not None:
            certificate, key = tls.files("localhost")
            lines += [f"cafile {tls.file}", f"certfile {certificate}", f"keyfile {key}", "require_certificate true"]
        self.settings = folder / "mosquitto.conf"
        self.settings.write_text("\n".join([*lines, f"user {_me()}", ""]))
        self.start()

    def start(self) -> None:
        command = [program(), "-c", str(self.settings)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError("Mosquitto did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()  # it writes down what it keeps
            self._process.wait(10)
            self._process = None

    @property
    def broker(self) -> Broker:
        """As the server reaches it."""
        if self.tls is None:
            return Broker(f"mqtt://127.0.0.1:{self.port}")
        certificate, key = self.tls.files("server")
        return Broker(f"mqtts://localhost:{self.port}", str(self.tls.file), str(certificate), str(key))


def _me() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


@contextlib.contextmanager
def mosquitto(folder: Path, *, tls: Authority | None = None) -> Iterator[Mosquitto]:
    folder.mkdir(parents=True, exist_ok=True)
    made = Mosquitto(folder, tls=tls)
    try:
        yield made
    finally:
        made.stop()
