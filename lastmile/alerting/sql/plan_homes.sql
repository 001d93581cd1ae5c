-- The households of plan areas, and whether anybody would tell them: by a usable contact, a neighbour of their cell or pair, or
-- whoever serves their grid today. A part of the statements of plan areas. Parameters: today.
inside AS (
  SELECT spans.area, h.id FROM spans JOIN people_household h ON h.place_id = spans.code
  UNION
  SELECT x.area, x.home FROM unnest(%(home_areas)s::int[], %(homes)s::int[]) AS x(area, home)
),
served AS MATERIALIZED (
  SELECT DISTINCT po.place_id AS code FROM org_post po JOIN people_appointment a ON a.post_id = po.id
   WHERE po.kind = 'grid_worker' AND po.closed_on IS NULL AND a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s)
),
judged AS (
  SELECT inside.area, h.id, h.place_id, h.number, h.residents, h.vulnerable, h.walking_order,
    EXISTS (SELECT FROM people_person p JOIN people_contact c ON c.person_id = p.id AND c.usable
      WHERE p.household_id = h.id AND p.left_on IS NULL) AS reached,
    EXISTS (SELECT FROM cells_member m JOIN cells_helper k ON k.cell_id = m.cell_id AND k.until IS NULL
      WHERE m.household_id = h.id AND m.until IS NULL)
    OR EXISTS (SELECT FROM people_person p JOIN cells_pair q ON q.resident_id = p.id AND q.until IS NULL
      JOIN cells_helper k ON k.pair_id = q.id AND k.until IS NULL WHERE p.household_id = h.id AND p.left_on IS NULL) AS neighboured,
    h.place_id IN (SELECT code FROM served) AS walked
  FROM inside JOIN people_household h ON h.id = inside.id
  WHERE h.moved_out_on IS NULL AND h.residents > 0
)
