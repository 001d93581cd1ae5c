"""What is to be said about a message, each in one sentence of the reader's language.

`level` is one of: invalid – against the schema of CAP 1.2; rule – against the text of the standard; doubt – allowed,
but receivers stumble over it or know too little; note – worth knowing. `refused` says that nothing was read at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from lastmile.alerting.cap.words import WORDS

LEVELS = ("refused", "invalid", "rule", "doubt", "note")


@dataclass(frozen=True)
class Finding:
    """`where` is a path like info[2]/area[1]/polygon[1]; `facts` are what the sentence speaks of."""

    code: str
    where: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> str:
        return WORDS[self.code][0]

    def __str__(self) -> str:
        return str(WORDS[self.code][1]) % self.facts

    def in_words(self, language: str) -> str:
        with translation.override(language):
            return str(self)

    def plain(self) -> dict[str, str]:
        """For programs, and for the two languages side by side."""
        spoken = {name: self.in_words(code) for name, code in (("zh", "zh-hans"), ("en", "en"))}
        return {"level": self.level, "code": self.code, "where": self.where} | spoken


class Refused(Exception):
    """The bytes are no message and nothing of them was used."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.finding = Finding(code, "", facts)
        super().__init__(str(self.finding))


class NotValid(ValueError):
    """A message that may not be sent as it stands."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("; ".join(f"{finding.where or 'alert'}: {finding}" for finding in self.findings))


def valid(findings: Iterable[Finding]) -> bool:
    """Whether the message holds to the schema."""
    return not any(finding.level in ("refused", "invalid") for finding in findings)


def conforms(findings: Iterable[Finding]) -> bool:
    """Whether it holds to the schema and to what the standard asks beside it."""
    return not any(finding.level in ("refused", "invalid", "rule") for finding in findings)


def short(text: str, most: int = 60) -> str:
    """A value as a sentence quotes it."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
