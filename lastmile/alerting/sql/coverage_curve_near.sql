-- The same for a village or grid, from the few hundred answers themselves. Parameters: event, prefix, sent, bucket.
WITH person AS (
  SELECT household, delivered_at, confirmed_at FROM alerting_standing
   WHERE event = %(event)s AND place LIKE %(prefix)s || '%%'
),
door AS (
  SELECT min(delivered_at) AS delivered_at, min(confirmed_at) AS confirmed_at
    FROM person WHERE household IS NOT NULL GROUP BY household
)
SELECT step, sum(delivered), sum(confirmed), sum(doors_delivered), sum(doors_confirmed)
  FROM (
    SELECT delivered_at AS at, 1 AS delivered, 0 AS confirmed, 0 AS doors_delivered, 0 AS doors_confirmed FROM person
    UNION ALL SELECT confirmed_at, 0, 1, 0, 0 FROM person
    UNION ALL SELECT delivered_at, 0, 0, 1, 0 FROM door
    UNION ALL SELECT confirmed_at, 0, 0, 0, 1 FROM door
  ) AS one
 CROSS JOIN LATERAL (
   SELECT greatest(0, floor(extract(epoch FROM at - %(sent)s) / %(bucket)s))::int AS step
 ) AS since_issue
 WHERE at IS NOT NULL
 GROUP BY step ORDER BY step
