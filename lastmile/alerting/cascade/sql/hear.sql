-- Bring the calls that some people's answers concern in line with what they have said, and append what changed.
-- The holder's word counts at any time, the deputy's from when they were called for the post, the superior's (that they look
-- after it) from when they were called. An undo takes back earlier answers of its own side: the person's, or staff's.
-- Parameters: event, persons, now. Answers with (call, state before, state now) of all that changed.
WITH mine AS MATERIALIZED (
  SELECT c.*, make_interval(secs => (e.ladder -> c.rule ->> 'again')::float8) AS again,
    make_interval(secs => (e.ladder -> c.rule ->> 'confirm')::float8) AS confirm, (e.ladder -> c.rule ->> 'attempts')::int AS attempts
  FROM alerting_call c JOIN alerting_alertevent e ON e.id = c.event_id
  WHERE c.event_id = %(event)s AND c.state <> 'stopped'
    AND (c.person = ANY (%(persons)s) OR c.deputy = ANY (%(persons)s) OR c.superior = ANY (%(persons)s))
  ORDER BY c.id FOR UPDATE OF c
),
said AS MATERIALIZED (
  SELECT DISTINCT r.id, r.person, r.fact, r.channel, r.happened_at, r.by, r.key FROM alerting_receipt r
  WHERE r.event_id = %(event)s AND r.fact BETWEEN 4 AND 13 AND r.person = ANY (ARRAY(
    SELECT u FROM mine, unnest(ARRAY[mine.person, mine.deputy, mine.superior, mine.confirmed_by]) u WHERE u IS NOT NULL))
),
valid AS MATERIALIZED (
  SELECT * FROM said WHERE fact <> 11 AND NOT EXISTS (SELECT FROM said undo WHERE undo.fact = 11 AND undo.person = said.person
    AND (undo.by IS NULL) = (said.by IS NULL) AND (undo.happened_at, undo.id) > (said.happened_at, said.id))
),
-- include: heard
,
moved AS (
  UPDATE alerting_call c SET state = become, resumes = CASE WHEN fresh THEN c.state ELSE c.resumes END,
    step = CASE WHEN become = c.state THEN c.step WHEN lost AND c.resumes = 'door' THEN x.attempts ELSE 0 END,
    since = CASE WHEN become <> c.state THEN %(now)s ELSE c.since END,
    due_at = CASE WHEN become = 'done' THEN NULL WHEN lost THEN %(now)s WHEN become = 'confirmed' AND c.state <> 'confirmed' THEN %(now)s + x.again
      WHEN taken AND c.state IN ('superior', 'raised') THEN %(now)s + x.confirm
      WHEN left_again AND c.due_at IS NOT NULL THEN %(now)s ELSE c.due_at END,
    confirmed_at = CASE WHEN fresh THEN c_at WHEN lost THEN NULL ELSE c.confirmed_at END,
    confirmed_by = CASE WHEN fresh THEN c_by WHEN lost THEN NULL ELSE c.confirmed_by END,
    confirmed_via = CASE WHEN fresh THEN c_via WHEN lost THEN '' ELSE c.confirmed_via END,
    relayed_at = CASE WHEN passed THEN r_at WHEN unpassed THEN NULL ELSE c.relayed_at END,
    relayed_via = CASE WHEN passed THEN r_via WHEN unpassed THEN '' ELSE c.relayed_via END,
    taken_at = CASE WHEN taken THEN t_at WHEN lost OR fresh OR left_again THEN NULL ELSE c.taken_at END,
    taken_by = CASE WHEN taken OR lost OR fresh THEN '' ELSE c.taken_by END
  FROM heard x WHERE c.id = x.id AND (fresh OR lost OR passed OR unpassed OR taken OR left_again)
  RETURNING c.id, x.state AS was, c.state AS become, fresh, lost, passed, unpassed, taken, left_again, x.c_at, x.c_by, x.c_via, x.c_who, x.r_at, x.r_by, x.r_via,
    x.r_who, x.t_at, x.t_by, x.t_via, x.person, x.superior
),
written AS (
  INSERT INTO alerting_callentry (call_id, at, entered_at, what, person, role, channel, by, why)
  SELECT id, c_at, %(now)s, 'confirmed', c_by, '', c_via, c_who, '' FROM moved WHERE fresh
  UNION ALL SELECT id, r_at, %(now)s, 'relayed', r_by, '', r_via, r_who, '' FROM moved WHERE passed
  UNION ALL SELECT id, t_at, %(now)s, 'taken', t_by, 'superior', t_via, NULL, '' FROM moved WHERE taken
  UNION ALL SELECT id, %(now)s, %(now)s, 'undone', person, '', '', NULL, CASE WHEN lost THEN 'confirmed' ELSE 'relayed' END
    FROM moved WHERE lost OR unpassed
  UNION ALL SELECT id, %(now)s, %(now)s, 'undone', superior, 'superior', '', NULL, 'taken' FROM moved WHERE left_again
)
SELECT id, was, become FROM moved
