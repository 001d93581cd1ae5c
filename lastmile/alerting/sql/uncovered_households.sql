-- Households of an area in which nobody has a usable contact (an empty one is nobody's). Includes: targets.
WITH
-- include: targets
SELECT count(*) OVER ()::int, h.id, h.place_id, h.number
FROM people_household h
WHERE h.moved_out_on IS NULL AND (h.place_id IN (SELECT code FROM codes) OR h.id IN (SELECT id FROM homes))
  AND EXISTS (SELECT FROM people_person p WHERE p.household_id = h.id AND p.left_on IS NULL)
  AND h.id NOT IN (
    SELECT p.household_id FROM people_person p JOIN people_contact c ON c.person_id = p.id
    WHERE p.left_on IS NULL AND c.usable AND p.household_id IS NOT NULL)
ORDER BY h.place_id, h.walking_order
LIMIT %(shown)s
