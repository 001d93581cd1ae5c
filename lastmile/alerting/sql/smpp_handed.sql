-- Parts that went out: the centre's number of each, or none. A report that came first has made the row already. A number
-- that stands for another message is one that the centre has begun to count anew: what was reported for it is over.
-- Parameters: centre, numbers, keys, references, part, parts, at, since.
INSERT INTO alerting_smpppart AS known (centre, number, key, reference, part, parts, at)
SELECT %(centre)s, nullif(number, ''), key, reference, part, parts, at
  FROM unnest(%(numbers)s::text[], %(keys)s::text[], %(references)s::int[], %(part)s::smallint[], %(parts)s::smallint[],
              %(at)s::timestamptz[]) AS new (number, key, reference, part, parts, at)
ON CONFLICT (centre, number) DO UPDATE
   SET key = excluded.key, reference = excluded.reference, part = excluded.part, parts = excluded.parts,
       state = CASE WHEN known.key = '' AND known.at > %(since)s THEN known.state ELSE 0 END, at = excluded.at
RETURNING key, state
