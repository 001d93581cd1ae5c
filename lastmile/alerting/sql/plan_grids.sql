-- The grids of plan areas whose post of grid worker nobody holds today. Parameters: today. Includes: plan_spans.
WITH
-- include: plan_spans
SELECT g.area, g.code, g.name FROM touched g
 WHERE NOT EXISTS (
   SELECT FROM org_post po JOIN people_appointment a ON a.post_id = po.id
   WHERE po.place_id = g.code AND po.kind = 'grid_worker' AND po.closed_on IS NULL
     AND a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s))
 ORDER BY g.area, g.code
