-- An update that is not more severe wakes nobody again: who had confirmed the message before stands as confirmed, and who
-- was silent goes on where they stood. Parameters: event, before, now.
WITH carried AS (
  UPDATE alerting_call n SET state = o.state, resumes = o.resumes, step = o.step, since = o.since, due_at = o.due_at,
    person = o.person, deputy = o.deputy, deputy_at = o.deputy_at, superior = o.superior, superior_post = o.superior_post,
    superior_at = o.superior_at, why = o.why, confirm_due = o.confirm_due, confirmed_at = o.confirmed_at,
    confirmed_by = o.confirmed_by, confirmed_via = CASE WHEN o.confirmed_at IS NULL THEN '' ELSE 'carried' END,
    relay_due = o.relay_due, relayed_at = o.relayed_at, relayed_via = CASE WHEN o.relayed_at IS NULL THEN '' ELSE 'carried' END,
    taken_at = o.taken_at, taken_by = o.taken_by, woken = o.woken
  FROM alerting_call o
  WHERE n.event_id = %(event)s AND o.event_id = %(before)s AND o.post_id = n.post_id AND o.state NOT IN ('waiting', 'stopped')
  RETURNING n.id
)
INSERT INTO alerting_callentry (call_id, at, entered_at, what, role, channel, why)
SELECT id, %(now)s, %(now)s, 'carried', '', '', '' FROM carried RETURNING call_id
