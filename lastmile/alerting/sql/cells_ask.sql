-- Ask about the open doors of cells that nobody looks after yet: the head, or the deputy where the head can't be asked or was
-- asked before. Who can be asked is found once a cell: looked for at each door, 207,000 doors took five times as long.
-- Parameters: those of cells_able, cells_loose and cells_send.
WITH
-- include: cells_able
,
-- include: cells_loose
,
ready AS MATERIALIZED (
  SELECT able.cell, able.person, able.role, able.way
    FROM (SELECT DISTINCT cell FROM loose) AS asking JOIN able ON able.cell = asking.cell WHERE able.way IS NOT NULL
),
first AS (
  SELECT DISTINCT ON (loose.household) loose.place, loose.cell, loose.household, ready.person, ready.role, ready.way
    FROM loose JOIN ready ON ready.cell = loose.cell
    LEFT JOIN alerting_cellask a ON a.event = %(event)s AND a.cell = loose.cell AND a.person = ready.person
     AND loose.household = ANY (a.households)
   WHERE a.id IS NULL
   ORDER BY loose.household, ready.role DESC
),
wanted AS (
  SELECT place, cell, NULL::int AS pair, person, role, way, array_agg(household ORDER BY household) AS households
    FROM first GROUP BY place, cell, person, role, way
),
-- include: cells_send
