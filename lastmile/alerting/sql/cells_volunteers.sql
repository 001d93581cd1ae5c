-- Give the doors that are open on the grid workers' lists to volunteers: those of the grid, else those of its village, each a
-- stretch of the walk of at most `most` doors. Doors get a row, so that answers by link and SMS are taken and followed.
-- Parameters: those of cells_able and cells_send, most.
WITH
-- include: cells_able
,
open AS MATERIALIZED (
  SELECT v.household, v.place, v.fact, v.fact_at FROM alerting_visit v WHERE v.event = %(event)s AND v.closed_at IS NULL
),
willing AS MATERIALIZED (
  SELECT DISTINCT ON (h.place_id, able.person) h.place_id AS serves, able.person, able.way
    FROM cells_helper h JOIN able ON able.person = h.person_id AND able.role = 'volunteer' AND able.way IS NOT NULL
   WHERE h.role = 'volunteer' AND h.until IS NULL
     AND NOT EXISTS (SELECT FROM alerting_cellask a WHERE a.event = %(event)s AND a.person = h.person_id AND a.role = 'volunteer')
),
near AS (
  SELECT place, person, way, row_number() OVER (PARTITION BY place ORDER BY person) - 1 AS rank, count(*) OVER (PARTITION BY place) AS takers
    FROM (SELECT place FROM open GROUP BY place) AS grid JOIN willing ON willing.serves = CASE
      WHEN EXISTS (SELECT FROM willing own WHERE own.serves = grid.place) THEN grid.place ELSE left(grid.place, 12) END
),
walk AS (
  SELECT open.*, row_number() OVER (PARTITION BY open.place ORDER BY h.walking_order NULLS LAST, h.id) - 1 AS at,
         count(*) OVER (PARTITION BY open.place) AS doors
    FROM open JOIN people_household h ON h.id = open.household
),
given AS (
  SELECT walk.*, near.person, near.way FROM walk JOIN near ON near.place = walk.place
     AND near.rank = least(walk.at * near.takers / walk.doors, near.takers - 1)
   WHERE walk.at - (near.rank * walk.doors + near.takers - 1) / near.takers < %(most)s
),
rows AS (
  INSERT INTO alerting_celldoor (event, household, cell, place, opened_at, fact, fact_at)
  SELECT %(event)s, household, NULL, place, %(now)s, fact, fact_at FROM given ON CONFLICT DO NOTHING
),
wanted AS (
  SELECT place, NULL::int AS cell, NULL::int AS pair, person, 'volunteer'::text AS role, way,
         array_agg(household ORDER BY household) AS households
    FROM given GROUP BY place, person, way
),
-- include: cells_send
