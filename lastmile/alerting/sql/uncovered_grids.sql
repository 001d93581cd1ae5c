-- Grids of an area whose post of grid worker nobody holds today. Includes: targets.
WITH
-- include: targets
SELECT count(*) OVER ()::int, g.code, g.code, g.name
FROM org_place g
WHERE g.level = 6 AND g.valid_to IS NULL AND (g.code IN (SELECT code FROM codes) OR g.code = ANY (%(edges)s))
  AND NOT EXISTS (
    SELECT FROM org_post po JOIN people_appointment a ON a.post_id = po.id
    WHERE po.place_id = g.code AND po.kind = 'grid_worker' AND po.closed_on IS NULL
      AND a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s))
ORDER BY g.code
LIMIT %(shown)s
