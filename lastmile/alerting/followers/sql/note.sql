-- Who is owed an event: confirmed before it was sent, of a place that it concerns, wanting its colour or told of what it follows (so that
-- nobody misses the all-clear of a warning that grew milder). One statement, because a city may follow.
INSERT INTO alerting_told (event_id, follower_id, kind, state, tries, due_at, reason)
SELECT %(event)s, f.id, f.kind, 'waiting', 0, %(now)s, ''
  FROM alerting_follower f
 WHERE f.confirmed_at <= %(sent)s AND f.place = ANY (%(places)s::text[])
   AND (f.colour >= %(colour)s
        OR EXISTS (SELECT FROM alerting_told t WHERE t.follower_id = f.id AND t.event_id = ANY (%(follows)s::int[])))
ON CONFLICT (event_id, follower_id) DO NOTHING
RETURNING 1
