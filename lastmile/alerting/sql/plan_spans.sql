-- The places of plan areas, and the homes in drawn parts of other places. A part of the statements of plan areas. Parameters:
-- areas and codes (of whole places, in step), cut_areas and cut (of grids that an outline cuts), home_areas and homes.
spans AS MATERIALIZED (
  SELECT DISTINCT s.area, g.code, g.name, g.level FROM unnest(%(areas)s::int[], %(codes)s::text[]) AS s(area, span)
    JOIN org_place g ON g.code >= s.span AND g.code < s.span || ':'
   WHERE g.valid_to IS NULL
),
touched AS (
  SELECT area, code, name FROM spans WHERE level = 6
  UNION
  SELECT x.area, g.code, g.name FROM unnest(%(cut_areas)s::int[], %(cut)s::text[]) AS x(area, code) JOIN org_place g USING (code)
   WHERE g.level = 6 AND g.valid_to IS NULL
)
