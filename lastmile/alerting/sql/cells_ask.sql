-- Ask about the open doors of cells that nobody looks after yet: the head, or the deputy where the head can't be asked or was
-- asked before. Parameters: those of cells_able, cells_loose and cells_send.
WITH
-- include: cells_able
,
-- include: cells_loose
,
wanted AS (
  SELECT loose.place, loose.cell, NULL::int AS pair, who.person, who.role, who.way,
         array_agg(loose.household ORDER BY loose.household) AS households
    FROM loose CROSS JOIN LATERAL (
      SELECT able.* FROM able WHERE able.cell = loose.cell AND able.way IS NOT NULL AND NOT EXISTS (
        SELECT FROM alerting_cellask a
         WHERE a.event = %(event)s AND a.place = loose.place AND a.cell = loose.cell AND a.person = able.person
           AND loose.household = ANY (a.households))
       ORDER BY able.role DESC LIMIT 1) AS who
   GROUP BY loose.place, loose.cell, who.person, who.role, who.way
),
-- include: cells_send
