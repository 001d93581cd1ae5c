-- A row for each household of an event without an answer (doors_left) that is in a cell, or where a paired resident lives.
-- Parameters: those of doors_left, now. Hashed in one pass, as visits_open.
WITH
-- include: doors_left
,
inside AS (
  SELECT m.household_id AS household, c.id AS cell, c.place_id AS place
    FROM cells_member m JOIN cells_cell c ON c.id = m.cell_id AND c.until IS NULL WHERE m.until IS NULL
),
paired AS (
  SELECT DISTINCT p.household_id AS household FROM cells_pair x JOIN people_person p ON p.id = x.resident_id AND p.left_on IS NULL
   WHERE x.until IS NULL
)
INSERT INTO alerting_celldoor (event, household, cell, place, opened_at)
SELECT %(event)s, homes.household, inside.cell, homes.place, %(now)s
  FROM homes LEFT JOIN inside ON inside.household = homes.household AND inside.place = homes.place
  LEFT JOIN paired ON paired.household = homes.household
 WHERE (inside.cell IS NOT NULL OR paired.household IS NOT NULL)
   AND NOT EXISTS (SELECT FROM told WHERE told.household = homes.household)
 ORDER BY homes.place
ON CONFLICT DO NOTHING
