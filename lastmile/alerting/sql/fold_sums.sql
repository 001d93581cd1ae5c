-- The sums by place move by what changed. A part of fold_answers.sql.
INSERT INTO alerting_tally AS tally (event, place, vulnerable, people, told, extra, delivered, failed, opened,
       confirmed, safe, moved, needs_help, refused, absent, unreachable)
SELECT %(event)s, place, vulnerable, 0, 0, coalesce(sum(n) FILTER (WHERE NOT listed), 0),
       coalesce(sum(n) FILTER (WHERE delivered_at IS NOT NULL), 0),
       coalesce(sum(n) FILTER (WHERE delivered_at IS NULL AND failed_by <> '{}'), 0),
       coalesce(sum(n) FILTER (WHERE read_at IS NOT NULL), 0),
       coalesce(sum(n) FILTER (WHERE confirmed_at IS NOT NULL), 0),
       coalesce(sum(n) FILTER (WHERE fact = 5), 0), coalesce(sum(n) FILTER (WHERE fact = 6), 0),
       coalesce(sum(n) FILTER (WHERE fact = 7), 0), coalesce(sum(n) FILTER (WHERE fact = 8), 0),
       coalesce(sum(n) FILTER (WHERE fact = 9), 0), coalesce(sum(n) FILTER (WHERE fact = 10), 0)
  FROM change GROUP BY place, vulnerable
ON CONFLICT (event, place, vulnerable) DO UPDATE SET extra = tally.extra + excluded.extra,
  delivered = tally.delivered + excluded.delivered, failed = tally.failed + excluded.failed,
  opened = tally.opened + excluded.opened, confirmed = tally.confirmed + excluded.confirmed,
  safe = tally.safe + excluded.safe, moved = tally.moved + excluded.moved,
  needs_help = tally.needs_help + excluded.needs_help, refused = tally.refused + excluded.refused,
  absent = tally.absent + excluded.absent, unreachable = tally.unreachable + excluded.unreachable
