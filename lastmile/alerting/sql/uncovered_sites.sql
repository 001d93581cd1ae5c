-- Special sites of an area without a responsible person who can be reached. Includes: targets.
WITH
-- include: targets
SELECT count(*) OVER ()::int, s.id, s.place_id, s.name
FROM org_specialsite s
WHERE s.closed_on IS NULL AND (s.place_id IN (SELECT code FROM codes) OR s.id = ANY (%(sites)s::int[]))
  AND NOT EXISTS (
    SELECT FROM serving v
    JOIN org_post po ON po.id = v.post AND po.site_id = s.id
    JOIN people_contact c ON c.person_id = v.person AND c.usable)
ORDER BY s.place_id, s.name
LIMIT %(shown)s
