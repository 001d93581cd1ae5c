-- Every obligation whose next step is due moves by one, in one statement; rows another worker holds are passed over.
-- Where nobody is there to be reminded, the step goes to who is: the deputy, else the superior at once. A superior is
-- the one named for the post, else the leader of its place or the nearest place above (or its own department's post
-- above), present today and not climbed to before: so no chain can loop, and it ends at the top.
WITH due AS (
  SELECT id, post_id, person_id, perm, place_id, policy -> 'steps' AS steps, step, superior_id, climbed, accepted_at,
    snoozed_until, delegated_to_id IS NOT NULL AND delegated_until > due_at AS delegated, due_at <= %(now)s AS late
  FROM duties_obligation WHERE next_at <= %(now)s ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), away AS MATERIALIZED (
  SELECT DISTINCT person_id FROM people_leave WHERE %(day)s BETWEEN first_day AND last_day
), filled AS (  -- who is in the posts of these obligations
  SELECT due.id, person.id AS person, coalesce(held.role, 'holder') AS role, person.id IN (TABLE away) AS gone
  FROM due LEFT JOIN people_appointment held ON held.post_id = due.post_id AND held.until IS NULL
  JOIN people_person person ON person.id = coalesce(held.person_id, due.person_id) AND person.left_on IS NULL
), seen AS (
  SELECT due.*, a.person AS holder, due.perm <> '' OR NOT coalesce(a.gone, TRUE) AS there, coalesce(a.gone, FALSE) AS gone,
    NOT coalesce(b.gone, TRUE) AS stands, coalesce(b.gone, FALSE) AS both_gone, steps -> step ->> 'do' AS wanted
  FROM due LEFT JOIN filled a ON a.id = due.id AND a.role = 'holder' LEFT JOIN filled b ON b.id = due.id AND b.role = 'deputy'
), chosen AS (
  SELECT seen.*, CASE WHEN wanted = 'superior' THEN 'superior' WHEN wanted = 'deputy' AND stands THEN 'deputy'
      WHEN there THEN 'remind' WHEN stands THEN 'deputy'
      WHEN steps @> '[{"do": "superior"}]' THEN 'superior' ELSE 'remind' END AS act,
    CASE WHEN delegated THEN 'delegated' WHEN perm = '' AND holder IS NULL THEN 'vacant' WHEN gone AND both_gone THEN 'both_away'
      WHEN gone THEN 'on_leave' WHEN snoozed_until IS NOT NULL THEN 'snoozed'
      WHEN perm = '' AND NOT EXISTS (SELECT FROM accounts_user u WHERE u.person_id = holder AND u.is_active) THEN 'no_log_in'
      WHEN accepted_at IS NULL THEN 'never_accepted' ELSE 'not_finished' END AS why
  FROM seen
), climbing AS (
  SELECT chosen.*, up.id AS up, coalesce((SELECT min(n) FROM generate_series(step, jsonb_array_length(steps) - 1) n
    WHERE steps -> n ->> 'do' = act), step) + 1 AS next
  FROM chosen LEFT JOIN org_post base ON base.id = coalesce(chosen.superior_id, chosen.post_id)
  LEFT JOIN duties_superior named ON named.post_id = base.id
  LEFT JOIN LATERAL (
    SELECT c.id FROM org_post c, coalesce(base.place_id, chosen.place_id) AS at
    WHERE act = 'superior' AND c.closed_on IS NULL AND c.id <> ALL (chosen.climbed || coalesce(chosen.post_id, 0))
      AND (c.id = named.superior_id OR c.site_id IS NULL AND (
        c.kind = 'leader' AND c.place_id = at AND base.kind IS DISTINCT FROM 'leader'
        OR (c.kind = 'leader' OR c.department = nullif(base.department, ''))
          AND c.place_id = ANY (ARRAY[left(at, 2), left(at, 4), left(at, 6), left(at, 9), left(at, 12)]) AND c.place_id <> at))
      AND EXISTS (SELECT FROM people_appointment held JOIN people_person p ON p.id = held.person_id AND p.left_on IS NULL
        WHERE held.post_id = c.id AND held.until IS NULL AND p.id NOT IN (TABLE away))
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
