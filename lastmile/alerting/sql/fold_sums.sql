-- The sums by place move by what changed. A part of fold_answers.sql.
INSERT INTO alerting_tally AS tally (event, place, vulnerable, people, told, extra, delivered, failed, opened,
       confirmed, safe, moved, needs_help, refused, absent, unreachable, doors_delivered, doors_confirmed)
SELECT %(event)s, place, vulnerable, 0, 0, coalesce(sum(n) FILTER (WHERE NOT listed), 0),
       coalesce(sum(n) FILTER (WHERE delivered_at IS NOT NULL), 0),
       coalesce(sum(n) FILTER (WHERE delivered_at IS NULL AND failed_by <> '{}'), 0),
       coalesce(sum(n) FILTER (WHERE read_at IS NOT NULL), 0),
       coalesce(sum(n) FILTER (WHERE confirmed_at IS NOT NULL), 0),
       coalesce(sum(n) FILTER (WHERE fact = 5), 0), coalesce(sum(n) FILTER (WHERE fact = 6), 0),
       coalesce(sum(n) FILTER (WHERE fact = 7), 0), coalesce(sum(n) FILTER (WHERE fact = 8), 0),
       coalesce(sum(n) FILTER (WHERE fact = 9), 0), coalesce(sum(n) FILTER (WHERE fact = 10), 0),
       sum(door_delivered), sum(door_confirmed)
  FROM (
    SELECT n, place, vulnerable, listed, delivered_at, failed_by, read_at, confirmed_at, fact,
           0 AS door_delivered, 0 AS door_confirmed
      FROM change UNION ALL
    SELECT 0, place, false, true, NULL, '{}', NULL, NULL, NULL,
           CASE WHEN delivered_at IS NULL THEN 0 ELSE n END, CASE WHEN confirmed_at IS NULL THEN 0 ELSE n END
      FROM doors
  ) AS one
 GROUP BY place, vulnerable
ON CONFLICT (event, place, vulnerable) DO UPDATE SET extra = tally.extra + excluded.extra,
  delivered = tally.delivered + excluded.delivered, failed = tally.failed + excluded.failed,
  opened = tally.opened + excluded.opened, confirmed = tally.confirmed + excluded.confirmed,
  safe = tally.safe + excluded.safe, moved = tally.moved + excluded.moved,
  needs_help = tally.needs_help + excluded.needs_help, doors_delivered = tally.doors_delivered + excluded.doors_delivered,
  doors_confirmed = tally.doors_confirmed + excluded.doors_confirmed, refused = tally.refused + excluded.refused,
  absent = tally.absent + excluded.absent, unreachable = tally.unreachable + excluded.unreachable
