-- Open many obligations at once. What exists by (kind, key) stays as it is, except what was withdrawn, or is asked
-- for again: that opens anew.
-- A place's centre stands in for a missing position, so that every item can be shown on the map.
WITH asked AS (
  SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(
    kind text, key text, title text, place text, post int, person int, perm text, department text, parent bigint,
    danger smallint, due_at timestamptz, basis text, detail jsonb, longitude float8, latitude float8,
    policy jsonb, next_at timestamptz, again boolean)
), made AS (
  INSERT INTO duties_obligation AS held (
    kind, key, title, place_id, longitude, latitude, post_id, person_id, perm, department, parent_id, danger,
    due_at, opened_at, state, basis, detail, snooze_reason, policy, step, reached, next_at, climbed, cause)
  SELECT DISTINCT ON (asked.kind, asked.key)
    asked.kind, asked.key, asked.title, asked.place, coalesce(asked.longitude, p.longitude),
    coalesce(asked.latitude, p.latitude), asked.post, asked.person, asked.perm, asked.department, asked.parent,
    asked.danger, asked.due_at, %(now)s, 'open', asked.basis, asked.detail, '', asked.policy, 0, 0, asked.next_at,
    '{}', ''
  FROM asked LEFT JOIN org_place p ON p.code = asked.place
  ON CONFLICT (kind, key) DO UPDATE SET
    title = excluded.title, place_id = excluded.place_id, longitude = excluded.longitude,
    latitude = excluded.latitude, post_id = excluded.post_id, person_id = excluded.person_id, perm = excluded.perm,
    department = excluded.department, danger = excluded.danger, due_at = excluded.due_at,
    opened_at = excluded.opened_at, state = 'open', basis = excluded.basis, detail = excluded.detail,
    policy = excluded.policy, step = 0, reached = 0, next_at = excluded.next_at, superior_id = NULL, climbed = '{}',
    cause = '', accepted_at = NULL, closed_at = NULL, closed_by_id = NULL, delegated_to_id = NULL,
    delegated_until = NULL, snoozed_until = NULL, snooze_reason = ''
  WHERE held.state = 'withdrawn' OR held.closed_at IS NOT NULL
    AND EXISTS (SELECT FROM asked WHERE asked.kind = held.kind AND asked.key = held.key AND asked.again)
  RETURNING id
), told AS (
  INSERT INTO duties_event (obligation_id, at, entered_at, what, actor_id, note)
  SELECT id, %(now)s, %(now)s, 'opened', %(actor)s, '' FROM made
)
SELECT id FROM made
