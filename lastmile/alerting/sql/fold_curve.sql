-- The curve: when people were first reached and first confirmed, by township. A part of fold_answers.sql.
INSERT INTO alerting_curve AS curve (event, place, step, delivered, confirmed, doors_delivered, doors_confirmed)
SELECT %(event)s, left(place, 9), step, sum(delivered), sum(confirmed), sum(doors_delivered), sum(doors_confirmed)
  FROM (
    SELECT place, delivered_at AS at, n AS delivered, 0 AS confirmed, 0 AS doors_delivered, 0 AS doors_confirmed
      FROM change WHERE delivered_at IS NOT NULL
    UNION ALL
    SELECT place, confirmed_at, 0, n, 0, 0 FROM change WHERE confirmed_at IS NOT NULL
    UNION ALL
    SELECT place, delivered_at, 0, 0, n, 0 FROM doors WHERE delivered_at IS NOT NULL
    UNION ALL
    SELECT place, confirmed_at, 0, 0, 0, n FROM doors WHERE confirmed_at IS NOT NULL
  ) AS one
  CROSS JOIN LATERAL (
    SELECT greatest(0, floor(extract(epoch FROM at - %(sent)s) / %(bucket)s))::int AS step
  ) AS since_issue
 GROUP BY left(place, 9), step
ON CONFLICT (event, place, step) DO UPDATE SET delivered = curve.delivered + excluded.delivered,
  confirmed = curve.confirmed + excluded.confirmed,
  doors_delivered = curve.doors_delivered + excluded.doors_delivered,
  doors_confirmed = curve.doors_confirmed + excluded.doors_confirmed
