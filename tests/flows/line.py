"""A line between two loopback ports that can be cut: in both directions, or for the answers alone."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """Whoever connects to `url` talks to `port`. Every connection is carried by threads of its own."""

    def __init__(self) -> None:
        self.port = 0  # where it leads to
        self.up = self.answers = True
        self.carried = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._thread = threading.Thread(target=self._open, daemon=True)
        self._thread.start()

    def _open(self) -> None:
        while True:
            try:
                near, _address = self._door.accept()
            except OSError:
                return  # the line is taken down
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            if not self.up:
                return
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as far:
                near.settimeout(30)
                self.carried += 1
                back = threading.Thread(target=self._pump, args=(far, near, self.answers), daemon=True)
                back.start()
                self._pump(near, far, True)
                back.join(30)

    def _pump(self, source: socket.socket, target: socket.socket, carried: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not carried:
                    break  # the other side has done it, and nobody here hears of it
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR if not carried else socket.SHUT_WR)

    def down(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(5)
