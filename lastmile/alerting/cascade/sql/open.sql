-- Open a call for every post that must answer an event, in the area and above it; each climbs the ladder of the nearest
-- place that has one. Ordered by level, from above (few above, many below: who is called about the silent must know first),
-- then by the danger that the ledger has found below. Parameters: those of must.sql, event, root, base, now, actor.
WITH
-- include: must
,
danger AS MATERIALIZED (
  SELECT left(m.place, n) AS spot, greatest(0, max(m.priority) - %(base)s) AS danger
  FROM alerting_manifest m CROSS JOIN (VALUES (4), (6), (9), (12), (15)) AS up(n)
  WHERE m.event_id = %(event)s AND m.wave = 0 AND length(m.place) >= n GROUP BY 1
)
INSERT INTO alerting_call (event_id, root, post_id, place, rule, priority, state, resumes, step, since, due_at, person, why,
  confirm_due, confirmed_via, relay_due, relayed_via, taken_by, opened_at, opened_by)
SELECT %(event)s, %(root)s, must.id, must.place_id, must.rule,
  %(base)s + CASE length(must.place_id) WHEN 4 THEN 400 WHEN 6 THEN 300 WHEN 9 THEN 200 WHEN 12 THEN 100 ELSE 0 END
    + least(99, coalesce(danger.danger, 0) / 4),
  'waiting', 'calling', 0, %(now)s, %(now)s, held.person_id, '', %(now)s + must.confirm, '',
  CASE WHEN must.relayed AND must.site_id IS NULL THEN %(now)s + must.relay END, '', '', %(now)s, %(actor)s
FROM must
LEFT JOIN danger ON danger.spot = must.place_id
LEFT JOIN people_appointment held ON held.post_id = must.id AND held.until IS NULL AND held.role = 'holder'
ORDER BY must.place_id, must.id
ON CONFLICT (event_id, post_id) DO NOTHING
RETURNING id
