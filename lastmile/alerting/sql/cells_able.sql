-- Whoever agreed and can be asked today: lives there, is not away, has a usable contact on one of the ways. A part of the
-- statements that ask, opened into them, so that a cell is found by its index: scanned for each door, a city took minutes.
-- Parameters: ways, kinds (parallel, the first that fits is taken), day.
able AS NOT MATERIALIZED (
  SELECT h.cell_id AS cell, h.pair_id AS pair, h.role, h.person_id AS person, home.place_id AS place,
         (SELECT way.name FROM unnest(%(ways)s::text[], %(kinds)s::text[]) WITH ORDINALITY AS way(name, kind, at)
           WHERE EXISTS (SELECT FROM people_contact k WHERE k.person_id = h.person_id AND k.kind = way.kind AND k.usable)
           ORDER BY way.at LIMIT 1) AS way
    FROM cells_helper h JOIN people_person p ON p.id = h.person_id AND p.left_on IS NULL AND NOT p.minor
    JOIN people_household home ON home.id = p.household_id AND home.moved_out_on IS NULL
   WHERE h.until IS NULL
     AND h.person_id NOT IN (SELECT person_id FROM people_leave WHERE %(day)s BETWEEN first_day AND last_day)  -- hashed once
)
