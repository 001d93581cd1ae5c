"""How fast the main job is, against raw limits measured in the same run: `python -m tools.bench`."""

from __future__ import annotations
