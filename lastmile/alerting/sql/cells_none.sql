-- Households of an area that are in no cell although their grid has cells, counted by grid. Includes: targets. Parameters:
-- those of targets, prefix.
WITH
-- include: targets
SELECT g.code, g.name, count(*)::int
  FROM people_household h JOIN org_place g ON g.code = h.place_id
 WHERE h.moved_out_on IS NULL AND h.residents > 0 AND h.place_id LIKE %(prefix)s || '%%'
   AND (h.place_id IN (SELECT code FROM codes) OR h.id IN (SELECT id FROM homes))
   AND h.place_id IN (SELECT place_id FROM cells_cell WHERE until IS NULL)
   AND NOT EXISTS (SELECT FROM cells_member m WHERE m.household_id = h.id AND m.until IS NULL)
 GROUP BY g.code, g.name ORDER BY count(*) DESC, g.code
 LIMIT %(shown)s
