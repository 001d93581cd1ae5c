-- Every call that is due moves by one step, in one statement; rows another worker holds are passed over. Whoever is called
-- gets an attempt on each channel of the step; one person called for several calls gets one. Where nobody is there to be
-- called, or no number is known, the rung is passed at once. Answers with the calls for which somebody must go now.
-- Parameters: now, day, limit, fresh (events issued after this have just sent their own message).
WITH
-- include: due
,
-- include: chosen
,
-- include: superior
,
ready AS MATERIALIZED (
  SELECT found.*, coalesce(w.ways, '{}') AS ways, CASE WHEN become = state AND state <> 'waiting' THEN step + 1 ELSE 1 END AS n
  FROM found CROSS JOIN LATERAL (
    SELECT CASE WHEN target IS NOT NULL THEN coalesce(
      (SELECT array_agg(ch) FROM jsonb_array_elements_text(coalesce(r -> 'steps' -> CASE WHEN become = state THEN step ELSE 0 END, r -> 'steps' -> -1)) ch
        WHERE EXISTS (SELECT FROM people_contact k WHERE k.person_id = target AND k.kind = r -> 'ways' ->> ch AND k.usable)),
      (SELECT array_agg(ch) FROM jsonb_object_keys(r -> 'ways') ch
        WHERE EXISTS (SELECT FROM people_contact k WHERE k.person_id = target AND k.kind = r -> 'ways' ->> ch AND k.usable))) END AS ways) w
),
moved AS (
  UPDATE alerting_call c SET state = become,
    step = CASE WHEN target IS NULL THEN c.step WHEN ways = '{}' THEN attempts ELSE n END,
    since = CASE WHEN become <> c.state THEN %(now)s ELSE c.since END,
    due_at = CASE WHEN act = 'hold' THEN held_until WHEN act = 'later' THEN c.relay_due WHEN target IS NULL THEN NULL
      WHEN ways = '{}' THEN %(now)s WHEN n < attempts THEN %(now)s + pause
      ELSE greatest(%(now)s + pause / 2, CASE WHEN become <> c.state THEN %(now)s ELSE c.since END + confirm) END,
    person = coalesce(holder, c.person), why = CASE WHEN target IS NOT NULL AND ways = '{}' THEN 'no_contact' WHEN become <> c.state THEN gone ELSE c.why END,
    deputy = CASE WHEN act = 'deputy' THEN target ELSE c.deputy END,
    deputy_at = CASE WHEN act = 'deputy' AND c.deputy IS DISTINCT FROM target THEN %(now)s ELSE c.deputy_at END,
    superior = CASE WHEN act IN ('superior', 'raise') THEN target ELSE c.superior END,
    superior_post = CASE WHEN act IN ('superior', 'raise', 'door', 'owe') THEN coalesce(up_post, c.superior_post) ELSE c.superior_post END,
    superior_at = CASE WHEN act IN ('superior', 'raise') AND (become <> c.state OR c.superior IS DISTINCT FROM target) THEN %(now)s ELSE c.superior_at END,
    confirm_due = CASE WHEN c.state = 'waiting' AND act <> 'hold' THEN %(now)s + confirm WHEN act = 'hold' AND c.confirmed_at IS NULL THEN held_until + confirm ELSE c.confirm_due END,
    relay_due = CASE WHEN c.state = 'waiting' AND c.relay_due IS NOT NULL THEN coalesce(held_until, %(now)s) + relay ELSE c.relay_due END
  FROM ready WHERE c.id = ready.id
  RETURNING c.id, c.event_id, c.place, c.priority, act, ready.state AS was, become, target, ways, ready.n, gone, issued
),
-- include: attempts
,
steps AS (
  INSERT INTO alerting_callentry (call_id, at, entered_at, what, person, role, channel, attempt, why)
  SELECT id, %(now)s, %(now)s, become, target, '', '', NULL::bigint, gone
  FROM moved WHERE become <> was AND become IN ('deputy', 'superior', 'door', 'asked', 'raised')
  UNION ALL
  SELECT id, %(now)s, %(now)s, 'skipped', target, '', '', NULL, 'no_contact' FROM moved WHERE target IS NOT NULL AND ways = '{}'
  UNION ALL
  SELECT u.call, %(now)s, %(now)s, 'called', made.person, made.role, made.channel, made.id, '' FROM made, unnest(made.mine) u(call)
)
SELECT id, act FROM moved
