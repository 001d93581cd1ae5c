-- The special sites of plan areas, and whether somebody who can be reached answers for each. Parameters: site_areas and sites
-- (in drawn parts), today. Includes: plan_spans.
WITH
-- include: plan_spans
,
inside AS (
  SELECT spans.area, s.id FROM spans JOIN org_specialsite s ON s.place_id = spans.code
  UNION
  SELECT x.area, x.site FROM unnest(%(site_areas)s::int[], %(sites)s::int[]) AS x(area, site)
)
SELECT inside.area, s.id, s.place_id, s.name, s.kind, EXISTS (
  SELECT FROM org_post po JOIN people_appointment a ON a.post_id = po.id AND a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s)
    JOIN people_contact c ON c.person_id = a.person_id AND c.usable
   WHERE po.site_id = s.id AND po.closed_on IS NULL) AS answered
  FROM inside JOIN org_specialsite s ON s.id = inside.id
 WHERE s.closed_on IS NULL
 ORDER BY s.kind <> 'hazard_point', s.place_id, s.name
