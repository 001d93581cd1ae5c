-- Which groups are owed a message, in the transaction that issues it: those of a place that it concerns, wanting its colour; and those
-- that are owed what it follows (`after`: only if they were told of that), so that nobody misses the all-clear, also where the area has
-- grown smaller. One statement, because a city has a robot in every village. The groups are held (key share) until the issue is
-- through: one that is ended meanwhile must not make it fail.
INSERT INTO alerting_chatnote (event_id, group_id, after, state, maybe, tries, due_at, reason)
SELECT %(event)s, f.id, NOT f.meant, 'waiting', false, 0, %(now)s, ''
  FROM (SELECT g.id,
               %(warns)s AND g.place_id = ANY (%(places)s::text[]) AND g.colour >= %(colour)s
                 AND (g.audience = 'staff' OR %(public)s) AS meant,
               EXISTS (SELECT FROM alerting_chatnote n WHERE n.group_id = g.id AND n.event_id = ANY (%(follows)s::int[])) AS owed
          FROM alerting_chatgroup g
         WHERE g.enabled AND (NOT %(exercise)s OR g.exercises AND g.audience = 'staff')
           FOR KEY SHARE OF g) f
 WHERE f.meant OR f.owed
ON CONFLICT (event_id, group_id) DO NOTHING
RETURNING 1
