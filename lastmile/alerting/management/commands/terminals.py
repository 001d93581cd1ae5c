"""`lastmile terminals`: loudspeakers that are not there, against the real broker (docs/channels/loudspeaker.md)."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.alerting.channels.mqtt.box import Box, together
from lastmile.alerting.channels.mqtt.transport import the_broker
from lastmile.community.org import terminals
from lastmile.community.org.terminals import key_of


class Command(BaseCommand):
    _begun = b""  # of a line that is still being typed
    help = "Play the terminals of a place against the broker. Type: cut CODE SECONDS, fail CODE, deaf CODE, list."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--place", default="", help="place code: those under it (default: all)")
        parser.add_argument("--most", type=int, default=200, help="so many at most")
        parser.add_argument("--folder", default="", help="keep what they play as WAV files here")
        parser.add_argument("--speed", type=float, default=1.0, help="10: a minute of speech takes six seconds")
        parser.add_argument("--beat", type=float, default=30.0, help="seconds between two heartbeats")

    def handle(self, *_args: Any, **options: Any) -> None:
        broker = the_broker()
        if wrong := broker.problems():
            raise CommandError(wrong[0])
        if options["speed"] <= 0 or options["beat"] <= 0:
            raise CommandError("--speed and --beat must be above 0")
        more = {"speed": options["speed"], "beat": options["beat"]}
        more["folder"] = Path(options["folder"]) if options["folder"] else None
        rows = terminals.under(options["place"])[: options["most"]]
        boxes = [
            Box(row.code, key_of(row.code, row.key_version), broker, row.plays, row.speaks, **more) for row in rows
        ]
        if not boxes:
            raise CommandError("There are no terminals there. Enter some first, under Loudspeakers and screens.")
        self.play(boxes)

    def play(self, boxes: list[Box]) -> None:
        """Until Ctrl-C."""
        try:
            asyncio.run(self._run(boxes))
        except KeyboardInterrupt:
            self.stdout.write("ended")

    async def _run(self, boxes: list[Box]) -> None:
        self.stdout.write(f"{len(boxes)} terminals against {boxes[0].broker.shown}")
        with suppress(OSError, ValueError):  # nobody types: no terminal, or a file
            asyncio.get_running_loop().add_reader(sys.stdin, self._typed, boxes)
        await together(boxes)

    def _typed(self, boxes: list[Box]) -> None:
        """What is there, without waiting for the rest of a line: that would hold up everything, Ctrl-C too."""
        found = os.read(sys.stdin.fileno(), 4096)
        if not found:
            asyncio.get_running_loop().remove_reader(sys.stdin)
        *lines, self._begun = (self._begun + found).split(b"\n")
        for line in lines:
            self.stdout.write(obey(line.decode(errors="replace"), {box.code: box for box in boxes}))


def obey(line: str, boxes: dict[str, Box]) -> str:
    """Do what a line says; the answer in words."""
    verb, code, seconds = [*line.split(), "", "", ""][:3]
    if verb == "list":
        return "\n".join(f"{box.code} {len(box.played)} played {box.playing}".strip() for box in boxes.values())
    box = boxes.get(code)
    if box is None:
        return "There is no such terminal: cut CODE SECONDS, fail CODE, deaf CODE, list."
    if verb == "cut":
        box.cut(float(seconds) if seconds.replace(".", "", 1).isdecimal() else 60.0)
    elif verb == "fail":
        box.fail += 1
    elif verb == "deaf":
        box.deaf = not box.deaf
    else:
        return "Say: cut CODE SECONDS, fail CODE, deaf CODE, list."
    return f"{verb} {code}"
