-- Ask both neighbours of each paired resident whose door is open about that one door. Parameters: those of cells_able and
-- cells_send.
WITH
-- include: cells_able
,
wanted AS (
  SELECT d.place, NULL::int AS cell, able.pair, able.person, 'pair'::text AS role, able.way, ARRAY[d.household] AS households
    FROM able JOIN cells_pair x ON x.id = able.pair AND x.until IS NULL
    JOIN people_person p ON p.id = x.resident_id AND p.left_on IS NULL
    JOIN alerting_celldoor d ON d.event = %(event)s AND d.household = p.household_id AND d.closed_at IS NULL
   WHERE able.way IS NOT NULL AND NOT EXISTS (
     SELECT FROM alerting_cellask a WHERE a.event = %(event)s AND a.person = able.person AND d.household = ANY (a.households))
),
-- include: cells_send
