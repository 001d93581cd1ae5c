-- What became of parts. Delivered stays delivered, whatever else is reported for the number.
-- Parameters: centre, numbers, states, permanent, at, reasons, now.
INSERT INTO alerting_smpppart AS known (centre, number, state, permanent, reported_at, reason, at)
SELECT %(centre)s, number, state, permanent, at, reason, %(now)s
  FROM unnest(%(numbers)s::text[], %(states)s::smallint[], %(permanent)s::bool[], %(at)s::timestamptz[],
              %(reasons)s::text[]) AS new (number, state, permanent, at, reason)
ON CONFLICT (centre, number) DO UPDATE
   SET state = excluded.state, permanent = excluded.permanent, reported_at = excluded.reported_at,
       reason = excluded.reason
 WHERE known.state <> 1
RETURNING key
