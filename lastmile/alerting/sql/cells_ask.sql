-- Ask about the open doors of cells that nobody looks after yet: the head, or the deputy where the head can't be asked or was
-- asked before. Parameters: those of cells_able, cells_loose and cells_send.
WITH
-- include: cells_able
,
-- include: cells_loose
,
first AS (
  SELECT DISTINCT ON (loose.household) loose.place, loose.cell, loose.household, able.person, able.role, able.way
    FROM loose JOIN able ON able.cell = loose.cell AND able.way IS NOT NULL
    LEFT JOIN alerting_cellask a ON a.event = %(event)s AND a.cell = loose.cell AND a.person = able.person
     AND loose.household = ANY (a.households)
   WHERE a.id IS NULL
   ORDER BY loose.household, able.role DESC
),
wanted AS (
  SELECT place, cell, NULL::int AS pair, person, role, way, array_agg(household ORDER BY household) AS households
    FROM first GROUP BY place, cell, person, role, way
),
-- include: cells_send
