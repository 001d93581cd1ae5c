-- Households and special sites of an area, for the count before sending. Includes: targets.
WITH
-- include: targets
SELECT
  (SELECT count(*)::int FROM people_household h
    WHERE %(residents)s AND h.moved_out_on IS NULL
      AND (h.place_id IN (SELECT code FROM codes) OR h.id IN (SELECT id FROM homes))),
  (SELECT count(*)::int FROM org_specialsite s
    WHERE %(sites_too)s AND s.closed_on IS NULL
      AND (s.place_id IN (SELECT code FROM codes) OR s.id = ANY (%(sites)s::int[])))
