"""The shape of AlertEvent.frozen: plain JSON, complete in itself, never changed after issue."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class FrozenText(TypedDict):
    """One language of a message. `sms`, `voice` and `subject` are ready but for the personal {link} in `sms`."""

    headline: str
    description: str
    instruction: str
    shelter: str
    contact: str
    sms: str
    voice: str
    subject: str


class FrozenArea(TypedDict):
    """`geocodes` are national place codes; `polygons` GeoJSON rings lists; `circles` [lon, lat, km]."""

    description: str
    geocodes: list[str]
    polygons: list[list[list[list[float]]]]
    circles: list[list[float]]


class FrozenAudience(TypedDict):
    """Whom the message names; those told by earlier messages (`Frozen.follows`) are told as well."""

    places: list[str]
    polygons: list[dict[str, object]]
    circles: list[list[float]]
    groups: list[str]


class Frozen(TypedDict):
    """`follows` are the keys of all earlier events of this warning, oldest first. An update also goes to everybody in
    their manifests; an all-clear or cancellation (`kind` lift or cancel) goes to exactly those and to nobody else.
    """

    identifier: str
    sender: str
    sent: str  # ISO 8601 with offset
    status: str  # Actual | Exercise
    msg_type: str  # Alert | Update | Cancel
    references: list[str]  # "sender,identifier,sent"
    follows: list[int]
    kind: str  # models.Kind: alert | update | lift | cancel
    reason: str  # why it was updated, lifted or cancelled
    urgent: bool  # issued before approval
    hazard: str
    event_code: str
    colour: int
    issuers: list[str]
    starts: str
    ends: str
    place: str  # code of the issuing place
    place_name: str
    area: FrozenArea
    audience: FrozenAudience
    channels: list[str]
    frail: NotRequired[str]  # of them the one on which the vulnerable are told first
    texts: dict[str, FrozenText]  # by language: "zh" always, "en" where written
    notes: dict[str, str]  # local notes known at issue, by place code
