-- Give the doors of silent cells to the two nearest cells of the same grid whose head (or deputy) is not silent too: each
-- takes a stretch of the walk. Parameters: those of cells_able, cells_loose and cells_send.
WITH
-- include: cells_able
,
-- include: cells_loose
,
middle AS MATERIALIZED (
  SELECT c.id AS cell, c.place_id AS place, avg(coalesce(h.walking_order, h.id)) AS at
    FROM cells_cell c JOIN cells_member m ON m.cell_id = c.id AND m.until IS NULL
    JOIN people_household h ON h.id = m.household_id AND h.moved_out_on IS NULL
   WHERE c.until IS NULL AND c.place_id IN (SELECT place FROM loose)
   GROUP BY c.id, c.place_id
),
willing AS MATERIALIZED (
  SELECT DISTINCT ON (middle.cell) middle.cell, middle.place, middle.at, able.person, able.way
    FROM middle JOIN able ON able.cell = middle.cell AND able.way IS NOT NULL
   WHERE middle.cell NOT IN (SELECT cell FROM loose) AND NOT EXISTS (
     SELECT FROM alerting_cellask a
      WHERE a.event = %(event)s AND a.person = able.person AND a.heard_at IS NULL AND a.role IN ('head', 'deputy')
        AND a.asked_at <= %(silence)s AND EXISTS (
          SELECT FROM alerting_celldoor o
           WHERE o.event = a.event AND o.household = ANY (a.households) AND o.closed_at IS NULL))
   ORDER BY middle.cell, able.role DESC
),
near AS (
  SELECT cell, person, way, row_number() OVER (PARTITION BY cell ORDER BY far, other) AS rank, least(2, count(*) OVER (PARTITION BY cell)) AS takers
    FROM (SELECT silent.cell, willing.person, willing.way, willing.cell AS other, abs(willing.at - silent.at) AS far
            FROM (SELECT DISTINCT middle.* FROM middle JOIN loose ON loose.cell = middle.cell) AS silent
            JOIN willing ON willing.place = silent.place) AS all_near
),
walk AS (
  SELECT loose.*, row_number() OVER (PARTITION BY loose.cell ORDER BY h.walking_order NULLS LAST, h.id) - 1 AS at,
         count(*) OVER (PARTITION BY loose.cell) AS doors
    FROM loose JOIN people_household h ON h.id = loose.household
),
wanted AS (
  SELECT walk.place, walk.cell, NULL::int AS pair, near.person, 'near'::text AS role, near.way,
         array_agg(walk.household ORDER BY walk.household) AS households
    FROM walk JOIN near ON near.cell = walk.cell AND near.rank = walk.at * near.takers / walk.doors + 1
   GROUP BY walk.place, walk.cell, near.person, near.way
),
-- include: cells_send
