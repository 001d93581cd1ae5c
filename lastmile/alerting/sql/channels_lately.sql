-- Each channel in the warnings that were in force since a moment: people by how far their hand-over has come, when it
-- last settled a batch, and how many people it settled in the ten minutes until then. The people are those the fold has
-- counted: counting the states of 80,000 batches anew took a second. Parameters: channels, since.
WITH counted AS (
  SELECT channel, sum(told)::int AS told, sum(waiting)::int AS waiting, sum(rejected)::int AS rejected,
         sum(unknown)::int AS unknown
    FROM alerting_channeltally
   WHERE event IN (SELECT id FROM alerting_alertevent WHERE closed_at IS NULL OR closed_at > %(since)s)
   GROUP BY channel
)
SELECT c.name, coalesce(told, 0), coalesce(waiting, 0), coalesce(rejected, 0), coalesce(unknown, 0), latest.at,
       coalesce(pace.people / greatest(extract(epoch FROM latest.at - pace.first), 1), 0)::float8
  FROM unnest(%(channels)s::text[]) WITH ORDINALITY AS c (name, place)
  LEFT JOIN counted ON counted.channel = c.name
  CROSS JOIN LATERAL (
    SELECT max(settled_at) AS at FROM alerting_manifest WHERE channel = c.name AND settled_at > %(since)s
  ) AS latest
  CROSS JOIN LATERAL (
    SELECT sum(cardinality(person_ids)) AS people, min(settled_at) AS first
      FROM alerting_manifest WHERE channel = c.name AND settled_at > latest.at - interval '10 minutes'
  ) AS pace
 ORDER BY c.place
