-- Every obligation whose next step is due moves by one, in one statement; rows another worker holds are passed over.
-- Where nobody is there to be reminded, the step goes to who is: the deputy, else the superior at once. A superior is
-- the one named for the post, else the leader of its place or the nearest place above (or its own department's post
-- above), present today and not climbed to before: so no chain can loop, and it ends at the top.
-- Everything about a row is looked up by index from it: the planner expects one due row and would join sets by loops.
WITH due AS (
  SELECT id, post_id, person_id, perm, place_id, policy -> 'steps' AS steps, step, superior_id, climbed, accepted_at,
    snoozed_until, delegated_to_id IS NOT NULL AND delegated_until > due_at AS delegated, due_at <= %(now)s AS late
  FROM duties_obligation WHERE next_at <= %(now)s ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), seen AS (
  SELECT due.*, a.person AS holder, due.perm <> '' OR NOT coalesce(a.gone, TRUE) AS there, coalesce(a.gone, FALSE) AS gone,
    NOT coalesce(b.gone, TRUE) AS stands, coalesce(b.gone, FALSE) AS both_gone, steps -> step ->> 'do' AS wanted
  FROM due LEFT JOIN LATERAL (
    SELECT p.id AS person, EXISTS (SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN first_day AND last_day) AS gone
    FROM people_person p WHERE p.left_on IS NULL AND p.id = coalesce(due.person_id,
      (SELECT person_id FROM people_appointment h WHERE h.post_id = due.post_id AND h.until IS NULL AND h.role = 'holder'))) a ON TRUE
  LEFT JOIN LATERAL (
    SELECT EXISTS (SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN first_day AND last_day) AS gone
    FROM people_appointment h JOIN people_person p ON p.id = h.person_id AND p.left_on IS NULL
    WHERE h.post_id = due.post_id AND h.until IS NULL AND h.role = 'deputy') b ON TRUE
), chosen AS MATERIALIZED (
  SELECT seen.*, CASE WHEN wanted = 'superior' THEN 'superior' WHEN wanted = 'deputy' AND stands THEN 'deputy'
      WHEN there THEN 'remind' WHEN stands THEN 'deputy'
      WHEN steps @> '[{"do": "superior"}]' THEN 'superior' ELSE 'remind' END AS act,
    CASE WHEN delegated THEN 'delegated' WHEN perm = '' AND holder IS NULL THEN 'vacant' WHEN gone AND both_gone THEN 'both_away'
      WHEN gone THEN 'on_leave' WHEN snoozed_until IS NOT NULL THEN 'snoozed'
      WHEN perm = '' AND NOT EXISTS (SELECT FROM accounts_user u WHERE u.person_id = holder AND u.is_active) THEN 'no_log_in'
      WHEN accepted_at IS NULL THEN 'never_accepted' ELSE 'not_finished' END AS why
  FROM seen
), climbing AS MATERIALIZED (
  SELECT chosen.*, up.id AS up, coalesce((SELECT min(n) FROM generate_series(step, jsonb_array_length(steps) - 1) n
    WHERE steps -> n ->> 'do' = act), step) + 1 AS next
  FROM chosen LEFT JOIN org_post base ON base.id = coalesce(chosen.superior_id, chosen.post_id)
  LEFT JOIN duties_superior named ON named.post_id = base.id
  LEFT JOIN LATERAL (  -- a handful of posts by the index on their place, never all of them
    SELECT c.id FROM coalesce(base.place_id, chosen.place_id) AS at,
      unnest(ARRAY[at, left(at, 12), left(at, 9), left(at, 6), left(at, 4), left(at, 2)]) AS level,
      LATERAL (SELECT id, place_id, kind, department FROM org_post WHERE place_id = level COLLATE "C" AND site_id IS NULL
        AND closed_on IS NULL UNION SELECT id, place_id, kind, department FROM org_post WHERE id = named.superior_id AND closed_on IS NULL) c
    WHERE act = 'superior' AND c.id <> ALL (chosen.climbed || coalesce(chosen.post_id, 0))
      AND (c.id = named.superior_id OR c.kind = 'leader' AND c.place_id = at AND base.kind IS DISTINCT FROM 'leader'
        OR (c.kind = 'leader' OR c.department = nullif(base.department, '')) AND length(c.place_id) < length(at))
      AND EXISTS (SELECT FROM people_appointment held JOIN people_person p ON p.id = held.person_id AND p.left_on IS NULL
        WHERE held.post_id = c.id AND held.until IS NULL AND NOT EXISTS (
          SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN l.first_day AND l.last_day))
    ORDER BY c.id = named.superior_id DESC NULLS LAST, length(c.place_id) DESC, c.department = base.department DESC NULLS LAST, c.id
    LIMIT 1) up ON TRUE
), moved AS (
  UPDATE duties_obligation o SET step = next, superior_id = coalesce(up, o.superior_id), climbed = array_remove(o.climbed || up, NULL),
    reached = greatest(o.reached, CASE WHEN up IS NOT NULL THEN 3 WHEN act = 'deputy' THEN 2 WHEN act = 'remind' THEN 1 ELSE 0 END),
    cause = CASE WHEN late OR act <> 'remind' THEN why ELSE o.cause END,
    next_at = CASE WHEN act <> 'superior' OR up IS NOT NULL THEN
      greatest(to_timestamp((c.steps -> next ->> 'at')::float8), CASE WHEN c.steps -> next IS NOT NULL THEN %(soonest)s END) END
  FROM climbing c WHERE o.id = c.id
  RETURNING o.id, CASE WHEN act = 'superior' AND up IS NULL THEN 'top' WHEN act = 'remind' THEN 'reminded' ELSE act END AS what, why
)
INSERT INTO duties_event (obligation_id, at, entered_at, what, note)
SELECT id, %(now)s, %(now)s, what, CASE WHEN what = 'reminded' THEN '' ELSE why END FROM moved RETURNING obligation_id
