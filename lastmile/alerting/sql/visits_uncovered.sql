-- Households of an area that no list of the event has: nobody of them is in its ledger (moved in, drawn in or entered
-- since), or nobody has a usable contact and nobody has answered. Not those that are on the list of doors already.
-- Parameters: those of targets, event, prefix, shown. Includes: targets.
WITH
-- include: targets
, here AS (
  SELECT p.household_id AS household, p.id AS person FROM people_person p JOIN people_household h ON h.id = p.household_id
   WHERE p.left_on IS NULL AND h.moved_out_on IS NULL AND h.place_id LIKE %(prefix)s || '%%'
     AND (h.place_id IN (SELECT code FROM codes) OR h.id IN (SELECT id FROM homes))
),
listed AS (
  SELECT DISTINCT here.household FROM here JOIN (
    SELECT unnest(person_ids) AS person FROM alerting_manifest
     WHERE event_id = %(event)s AND place LIKE %(prefix)s || '%%') AS ledger USING (person)
),
reached AS (
  SELECT DISTINCT here.household FROM here JOIN people_contact c ON c.person_id = here.person AND c.usable
  UNION
  SELECT here.household FROM here JOIN alerting_standing s ON s.event = %(event)s AND s.person = here.person
   WHERE s.confirmed_at IS NOT NULL
)
SELECT count(*) OVER ()::int, h.id, h.place_id, h.number, listed.household IS NOT NULL
  FROM (SELECT DISTINCT household FROM here) AS home
  JOIN people_household h ON h.id = home.household
  LEFT JOIN listed USING (household) LEFT JOIN reached USING (household)
 WHERE (listed.household IS NULL OR reached.household IS NULL)
   AND NOT EXISTS (SELECT FROM alerting_visit v WHERE v.event = %(event)s AND v.household = h.id)
 ORDER BY h.vulnerable > 0 DESC, h.place_id, h.walking_order
 LIMIT %(shown)s
