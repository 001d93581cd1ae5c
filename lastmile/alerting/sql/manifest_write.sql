-- The ledger of one issue: a row for each grid, channel and part of at most 1,000 people, most endangered first.
-- A row per batch is 31 times faster to write than a row per person (docs/adr). People without a usable contact get
-- rows too, on the channel 'none', settled from the start: they are in no gateway's list but on the list of doors.
WITH
-- include: targets
,
-- include: reach
,
ranked AS (
  SELECT *, ((row_number() OVER (PARTITION BY place, channel ORDER BY rank DESC, person)) - 1) / %(part)s AS part
  FROM reached
),
written AS (
  INSERT INTO alerting_manifest
    (event_id, place, channel, wave, part, priority, person_ids, states, due_at, lease_owner, attempts, error, settled_at)
  SELECT %(event)s, place, channel, 0, part, %(base)s + (avg(rank) * 100)::int,
    array_agg(person ORDER BY rank DESC, person),
    decode(repeat(CASE WHEN channel = 'none' THEN '06' ELSE '00' END, count(*)::int), 'hex'),
    CASE WHEN channel = 'none' THEN NULL ELSE %(now)s::timestamptz END, '', 0, '',
    CASE WHEN channel = 'none' THEN %(now)s::timestamptz END
  FROM ranked
  GROUP BY place, channel, part
  RETURNING channel, cardinality(person_ids) AS people
)
SELECT coalesce(sum(people) FILTER (WHERE channel <> 'none'), 0)::int, coalesce(sum(people), 0)::int FROM written
