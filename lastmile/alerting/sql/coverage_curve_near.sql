-- The same for a village or grid, from the few hundred answers themselves. Parameters: event, prefix, sent, bucket.
SELECT step, sum(delivered), sum(confirmed)
  FROM (
    SELECT delivered_at AS at, 1 AS delivered, 0 AS confirmed FROM alerting_standing
     WHERE event = %(event)s AND place LIKE %(prefix)s || '%%' AND delivered_at IS NOT NULL
    UNION ALL
    SELECT confirmed_at, 0, 1 FROM alerting_standing
     WHERE event = %(event)s AND place LIKE %(prefix)s || '%%' AND confirmed_at IS NOT NULL
  ) AS one
  CROSS JOIN LATERAL (
    SELECT greatest(0, floor(extract(epoch FROM at - %(sent)s) / %(bucket)s))::int AS step
  ) AS since_issue
 GROUP BY step ORDER BY step
