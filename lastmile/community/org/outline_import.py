"""Read a GeoJSON file of outlines: every feature is judged in words first, then all are written or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from shapely import STRtree

from lastmile.community.org import actions
from lastmile.community.org.models import CODE_LENGTH, LEVEL_OF_LENGTH, Boundary, Level, Place
from lastmile.community.org.shapes import Shape, read_shape, read_wkb
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor

CODE_NAMES = ("code", "grid_code", "编码", "网格编码", "代码")
LABEL_NAMES = ("name", "grid_name", "名称", "网格名称")
MOST_FEATURES = 20_000
OUTSIDE = 0.05  # of a feature's area may stick out of the place above: surveys never meet exactly
OVERLAP = 0.05


@dataclass
class Feature:
    """One feature of the file: what it is for, and what is wrong with it."""

    number: int
    code: str = ""
    name: str = ""
    shape: Shape | None = None
    place: Place | None = None  # None: a grid to be made
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class Preview:
    features: list[Feature]

    @property
    def wrong(self) -> list[Feature]:
        return [f for f in self.features if f.errors]

    @property
    def new(self) -> int:
        return sum(f.place is None and not f.errors for f in self.features)

    def as_geojson(self) -> dict[str, Any]:
        """What could be read, for the map of the preview."""
        features = [
            {
                "type": "Feature",
                "properties": {"code": f.code, "name": f.name or f.code, "wrong": bool(f.errors)},
                "geometry": shapely.geometry.mapping(f.shape),
            }
            for f in self.features
            if f.shape is not None
        ]
        return {"type": "FeatureCollection", "features": features, "own": None}


def preview(geojson: dict[str, Any], *, within: Place, mend: bool = False) -> Preview:
    """Judge every feature; nothing is written. Raises Refusal when the file as a whole can't be read."""
    features = geojson.get("features")
    if geojson.get("type") != "FeatureCollection" or not isinstance(features, list) or not features:
        raise Refusal(
            _("The file is no GeoJSON FeatureCollection, or it is empty."),
            _("Export the grids as one FeatureCollection, one feature a grid."),
        )
    if len(features) > MOST_FEATURES:
        raise Refusal(_("The file has more than %(n)s features.") % {"n": f"{MOST_FEATURES:,}"}, _("Split it."))
    read = [_read(number, raw, mend=mend) for number, raw in enumerate(features, start=1)]
    _places(read, within)
    _insides(read)
    _overlaps(read)
    return Preview(read)


def _read(number: int, raw: Any, *, mend: bool) -> Feature:
    feature = Feature(number)
    if not isinstance(raw, dict):
        feature.errors.append(_("This is not a feature."))
        return feature
    properties = raw.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    feature.code = _text(properties, CODE_NAMES)
    feature.name = _text(properties, LABEL_NAMES).replace("\0", "")[:100]
    try:
        feature.shape = read_shape(raw.get("geometry"), mend=mend)
    except Refusal as refusal:
        feature.errors.append(f"{refusal.says} {refusal.mend}".strip())
    return feature


def _text(properties: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = properties.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value).strip()[:200]
    return ""


def _places(features: list[Feature], within: Place) -> None:
    """Find the place each feature is for."""
    codes = {f.code for f in features} | {f.code[: CODE_LENGTH[Level.VILLAGE]] for f in features}
    known = Place.objects.current().in_bulk([c for c in codes if c.isascii() and c.isdigit() and len(c) <= 15])
    seen: dict[str, int] = {}
    for feature in features:
        wrong = _wrong_code(feature, within, known)
        if not wrong and feature.code in seen:
            wrong = _("The code is already in feature %(number)s.") % {"number": seen[feature.code]}
        if wrong:
            feature.errors.append(wrong)
        seen.setdefault(feature.code, feature.number)
        feature.place = known.get(feature.code)
        feature.name = feature.name or (feature.place.name if feature.place else "")


def _wrong_code(feature: Feature, within: Place, known: dict[str, Place]) -> str:
    code = feature.code
    if not code:
        return _("It has no code. Give each feature a property “code”.")
    if not (code.isascii() and code.isdigit()) or LEVEL_OF_LENGTH.get(len(code), 0) < Level.COUNTY:
        return _("“%(code)s” is not the code of a grid (15 digits), village (12), township (9) or county (6).") % {
            "code": code[:20]
        }
    if not code.startswith(within.code):
        return _("%(code)s does not belong to %(place)s.") % {"code": code, "place": within.name}
    if code not in known and len(code) < CODE_LENGTH[Level.GRID]:
        return _("There is no place %(code)s.") % {"code": code}
    if code not in known and code[: CODE_LENGTH[Level.VILLAGE]] not in known:
        return _("There is no village %(code)s for this grid.") % {"code": code[: CODE_LENGTH[Level.VILLAGE]]}
    return ""


def _insides(features: list[Feature]) -> None:
    """A feature lies inside the outline above it: its own file's, or the stored one unless that is only generated."""
    good = [f for f in features if f.shape is not None and not f.errors]
    own = {f.code: f.shape for f in good}
    above = {f.code[:length] for f in good for length in CODE_LENGTH.values() if length < len(f.code)}
    stored = Boundary.objects.filter(place__in=above).exclude(source=Boundary.Source.GENERATED).select_related("place")
    outlines = {str(b.place_id): (read_wkb(b.wkb), b.place.name) for b in stored}
    outlines |= {code: (shape, code) for code, shape in own.items() if shape is not None}
    for feature in good:
        nearest = max((c for c in outlines if feature.code.startswith(c) and c != feature.code), key=len, default=None)
        if nearest is None or feature.shape is None:
            continue
        outline, name = outlines[nearest]
        if shapely.difference(feature.shape, outline).area > feature.shape.area * OUTSIDE:
            feature.errors.append(_("The outline lies outside %(place)s.") % {"place": name})


def _overlaps(features: list[Feature]) -> None:
    """Neighbours of one level should not cover each other: said, but not refused."""
    good = [(f, f.shape) for f in features if f.shape is not None and not f.errors]
    tree = STRtree([shape for _feature, shape in good])
    for feature, shape in good:
        for index in tree.query(shape):
            other, its_shape = good[index]
            if other.number <= feature.number or len(other.code) != len(feature.code):
                continue
            shared = shapely.intersection(shape, its_shape).area
            if shared > OVERLAP * min(shape.area, its_shape.area):
                feature.warnings.append(_("It overlaps feature %(number)s.") % {"number": other.number})


@transaction.atomic
def write(found: Preview, *, within: Place, by: Actor) -> int:
    """Store every outline of a preview without errors; returns how many. Raises Refusal when one is wrong."""
    if found.wrong:
        raise Refusal(
            _("%(n)s of %(all)s features are wrong; nothing was imported.")
            % {"n": len(found.wrong), "all": len(found.features)},
            _("Mend them in the file and upload it again."),
            status=422,
            fields={f"{f.number} {f.code}".strip(): " ".join(f.errors) for f in found.wrong[:200]},
        )
    Place.objects.bulk_create([_new_grid(f) for f in found.features if f.place is None])
    shapes = {f.code: f.shape for f in found.features if f.shape is not None}
    actions.set_outlines(shapes, source=Boundary.Source.IMPORTED, by=by, place=within.code)
    for feature in found.features:
        if feature.place is not None and feature.place.level == Level.GRID and feature.name:
            actions.rename(feature.place, feature.name, by=by)
    audit.record("org.import_outlines", actor=by, place=within.code, features=len(shapes), new=found.new)
    return len(shapes)


def _new_grid(feature: Feature) -> Place:
    village = feature.code[: CODE_LENGTH[Level.VILLAGE]]
    return Place(
        code=feature.code,
        national_code=feature.code,
        name=feature.name or f"第{int(feature.code[len(village) :])}网格",
        level=Level.GRID,
        parent_id=village,
        valid_from=clock.today(),
    )
