-- Everyone an audience names, each once: (person, place they are told at, rank of danger, whether they live there).
-- A resident is told where they live, whatever posts they hold; staff from elsewhere at the place of their post.
-- One scan of the people against the set of grids instead of a LIKE for each place. Includes: responsible.
codes AS MATERIALIZED (
  SELECT code FROM org_place WHERE code LIKE ANY (%(prefixes)s)
  UNION
  SELECT unnest(%(inside)s::text[])
),
homes AS MATERIALIZED (SELECT unnest(%(homes)s::int[]) AS id),
gone AS MATERIALIZED (SELECT id FROM people_household WHERE moved_out_on IS NOT NULL),
residents AS (
  SELECT p.id AS person, p.place_id AS place, p.priority AS rank, p.vulnerable, p.household_id AS household,
    NOT p.minor AS grown
  FROM people_person p
  WHERE p.left_on IS NULL AND p.household_id IS NOT NULL AND p.place_id IN (SELECT code FROM codes)
    AND p.household_id NOT IN (SELECT id FROM gone)
  UNION ALL
  SELECT p.id, p.place_id, p.priority, p.vulnerable, p.household_id, NOT p.minor
  FROM homes JOIN people_person p ON p.household_id = homes.id
  WHERE p.left_on IS NULL AND p.place_id NOT IN (SELECT code FROM codes)
),
-- include: responsible
staff AS MATERIALIZED (
  SELECT DISTINCT ON (s.person) s.person, s.place, p.household_id, p.place_id
  FROM serving s JOIN people_person p ON p.id = s.person
  ORDER BY s.person, length(s.place) DESC, s.place
),
targets AS (
  SELECT person, place, CASE WHEN person IN (SELECT person FROM staff) THEN 4 ELSE rank END AS rank,
    true AS home, vulnerable, household, grown
  FROM residents
  WHERE %(residents)s
  UNION ALL
  SELECT person, place, 4, false, false, NULL, true
  FROM staff
  WHERE NOT %(residents)s OR household_id IS NULL OR household_id IN (SELECT id FROM gone)
     OR NOT (place_id IN (SELECT code FROM codes) OR household_id IN (SELECT id FROM homes))
)
