"""Who lives behind one door: sizes, ages and needs as in a Chinese county, by one random generator a settlement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lastmile.community.people.generate import names
from lastmile.community.people.models import Vulnerability

# E elder, A adult, C child; share of households per thousand in villages and in urban communities.
KINDS = (
    ("E", 120, 60), ("A", 120, 170), ("EE", 140, 90), ("AA", 120, 170), ("AC", 30, 35), ("EC", 20, 5),
    ("AAC", 160, 255), ("AAE", 50, 30), ("EEC", 40, 10), ("AACC", 100, 105), ("AACE", 50, 45), ("AACCE", 30, 15),
    ("AACEE", 15, 8), ("AACCEE", 5, 2),
)  # fmt: skip
V = Vulnerability
DRAWS = 12  # random numbers a member
LEFT_BEHIND_UNDER, ELDERLY_FROM, GROWN = 14, 75, 18

# kind, the age from which `late` holds, probability below it, probability from it on
RISKS = (
    (V.DISABLED, 60, 0.012, 0.05),
    (V.BEDRIDDEN, 75, 0.0005, 0.03),
    (V.ILL, 60, 0.003, 0.015),
    (V.DEAF, 70, 0.002, 0.02),
    (V.BLIND, 70, 0.001, 0.01),
)


@dataclass(slots=True)
class Member:
    name: str
    age: int
    care: list[Vulnerability]
    phone: bool
    second_phone: bool
    email: bool
    english: bool


@cache
def _shares(urban: bool) -> NDArray[np.float64]:
    weights = np.array([kind[2 if urban else 1] for kind in KINDS], dtype=float)
    cumulated: NDArray[np.float64] = weights.cumsum() / weights.sum()
    return cumulated


def households(rng: np.random.Generator, residents: int, *, urban: bool) -> list[str]:
    """Kinds of households that hold exactly `residents` people; the last one is cut to fit."""
    kinds: list[str] = []
    left = residents
    while left > 0:
        for index in _shares(urban).searchsorted(rng.random(left // 2 + 1), side="right").tolist():
            kinds.append(KINDS[index][0][:left])
            left -= len(kinds[-1])
            if left == 0:
                break
    return kinds


def ages(kind: str, draws: list[float]) -> list[int]:
    """Ages in the order of the letters: parents at least 20 years older than children, elders than parents."""
    elder = 62 + int(32 * draws[0] ** 2)
    adult = 23 + int(36 * draws[1]) if kind in {"A", "AA"} else 25 + int(24 * draws[1])
    if "E" in kind and "A" in kind:
        adult = min(adult, elder - 20)
    child = 3 + int(12 * draws[2]) if "A" not in kind else max(0, adult - 22 - int(12 * draws[2]))
    found, seen = [], ""
    for letter in kind:
        nth = seen.count(letter)
        base = {"E": elder, "A": adult, "C": child}[letter]
        shift = {"E": -int(5 * draws[3]), "A": -int(4 * draws[4]), "C": -1 - int(5 * draws[5])}[letter]
        found.append(max(0, base + (shift if nth else 0)))
        seen += letter
    return found


def needs(kind: str, age: int, male: bool, draws: list[float]) -> list[Vulnerability]:
    risks = zip(RISKS, draws, strict=False)
    care = [risk for (risk, late, low, high), draw in risks if draw < (high if age >= late else low)]
    if age >= ELDERLY_FROM:
        care.append(V.ELDERLY)
    if kind == "E":
        care.append(V.ALONE)
    if age < LEFT_BEHIND_UNDER and "A" not in kind:
        care.append(V.CHILD)
    if not male and 22 <= age <= 38 and draws[5] < 0.035:
        care.append(V.PREGNANT)
    return care


def has_phone(age: int, draw: float) -> bool:
    bands = ((12, 0.0), (18, 0.5), (65, 0.975), (75, 0.88), (200, 0.62))
    return draw < next(share for limit, share in bands if age < limit)


def family(kind: str, surname_pair: tuple[str, str], draws: list[list[float]]) -> list[Member]:
    """The members; `draws` holds DRAWS numbers for each of them and one row more for the family."""
    members, seen = [], ""
    for letter, age, d in zip(kind, ages(kind, draws[-1]), draws, strict=False):
        nth = seen.count(letter)
        male = d[0] < 0.5 if letter == "C" or kind in {"A", "E"} else nth == 0
        care = needs(kind, age, male, d[4:])
        phone = has_phone(age, d[10])
        if age >= GROWN and not phone and (age >= ELDERLY_FROM or kind == "E"):
            care.append(V.NO_PHONE)
        married_in = nth == 1 and letter != "C"
        name = surname_pair[married_in] + names.given((d[1], d[2], d[3]), male=male, young=age < 22)
        members.append(
            Member(name, age, care, phone, phone and d[11] < 0.04, GROWN <= age < 60 and d[11] > 0.94, d[9] > 0.998)
        )
        seen += letter
    return members
