-- The ledger of one issue: a row for each grid, channel and part of at most 1,000 people, most endangered first.
-- A row per batch is 31 times faster to write than a row per person (docs/adr). People without a usable contact get
-- rows too, on the channel 'none', settled from the start: they are in no gateway's list but on the list of doors.
-- The sums of every place are written along, so that the live page is whole at once and no fold counts a million people
-- again while they are being told.
-- No sort of all people: each rank is gathered by itself and the ranks are joined, which is a hash over the grids.
WITH
-- include: targets
,
-- include: reach
,
grouped AS (
  SELECT place, channel, count(*)::int AS people, avg(rank) AS danger,
    coalesce(array_agg(person) FILTER (WHERE rank = 4), '{}') || coalesce(array_agg(person) FILTER (WHERE rank = 3), '{}')
    || coalesce(array_agg(person) FILTER (WHERE rank = 2), '{}')
    || coalesce(array_agg(person) FILTER (WHERE rank = 1), '{}')
    || coalesce(array_agg(person) FILTER (WHERE rank = 0), '{}') AS persons
  FROM reached
  GROUP BY place, channel
),
written AS (
  INSERT INTO alerting_manifest
    (event_id, place, channel, wave, part, priority, person_ids, states, due_at, lease_owner, attempts, error, settled_at)
  SELECT %(event)s, place, channel, 0, part, %(base)s + greatest(0, danger * 100 - part)::int, cut.persons,
    decode(repeat(CASE WHEN channel = 'none' THEN '06' ELSE '00' END, cardinality(cut.persons)), 'hex'),
    CASE WHEN channel = 'none' THEN NULL ELSE %(now)s::timestamptz END, '', 0, '',
    CASE WHEN channel = 'none' THEN %(now)s::timestamptz END
  FROM grouped
  CROSS JOIN LATERAL generate_series(0, (people - 1) / %(part)s) AS part
  CROSS JOIN LATERAL (SELECT persons[part * %(part)s + 1 : (part + 1) * %(part)s] AS persons) AS cut
  RETURNING place, channel, cardinality(person_ids) AS people
),
-- include: compose
SELECT coalesce(sum(people) FILTER (WHERE channel <> 'none'), 0)::int, coalesce(sum(people), 0)::int FROM written
