-- What the watchdog has found takes the place of what it had found before: what is gone ends, what is new begins, what
-- stays is brought up to date. Returns what is new. Parameters: found (JSON), now.
WITH found AS (
  SELECT * FROM jsonb_to_recordset(%(found)s::jsonb)
    AS f (key text, kind text, about text, event int, details jsonb, since timestamptz)
), ended AS (
  UPDATE alerting_standstill s SET ended_at = %(now)s
   WHERE s.ended_at IS NULL AND NOT EXISTS (SELECT FROM found f WHERE f.key = s.key)
), kept AS (
  INSERT INTO alerting_standstill AS s (key, kind, about, event_id, details, since, found_at)
  SELECT key, kind, about, event, details, since, %(now)s FROM found
  ON CONFLICT (key) WHERE ended_at IS NULL DO UPDATE SET details = excluded.details, since = excluded.since
  RETURNING s.key, s.xmax = 0 AS fresh
)
SELECT key FROM kept WHERE fresh
