"""Lastmile 最后一公里: carries an official warning to every household and proves who was reached."""

from __future__ import annotations

__version__ = "0.1.0"
