-- What ends with its warning: nobody is called any more, and attempts that wait are not made. Parameters: now.
-- Somebody must still go where the message that follows has taken the call over at the door.
WITH over AS MATERIALIZED (
  SELECT c.id, c.state FROM alerting_call c JOIN alerting_alertevent e ON e.id = c.event_id
  WHERE c.state NOT IN ('done', 'stopped') AND (e.closed_at IS NOT NULL OR e.expires_at <= %(now)s)
  ORDER BY c.id LIMIT 5000 FOR UPDATE OF c SKIP LOCKED
),
ended AS (
  UPDATE alerting_call c SET state = 'stopped', due_at = NULL, closed_at = %(now)s FROM over WHERE c.id = over.id
  RETURNING c.id, over.state AS was, EXISTS (
    SELECT FROM alerting_call n WHERE n.root = c.root AND n.post_id = c.post_id AND n.id > c.id AND n.state IN ('door', 'raised')) AS goes_on
),
written AS (
  INSERT INTO alerting_callentry (call_id, at, entered_at, what, role, channel, why)
  SELECT id, %(now)s, %(now)s, 'stopped', '', '', was FROM ended
)
SELECT id, was, 'stopped' FROM ended WHERE NOT goes_on
