-- Calls that wait for the quiet hours to end are made now: somebody of the place has decided so. Parameters: ids, now, actor,
-- what. From then on these calls keep no quiet hours.
WITH woken AS (
  UPDATE alerting_call c SET due_at = %(now)s, woken = true WHERE c.id = ANY (%(ids)s) AND c.state = 'waiting'
  RETURNING c.id, c.person
)
INSERT INTO alerting_callentry (call_id, at, entered_at, what, person, role, channel, by, why)
SELECT id, %(now)s, %(now)s, %(what)s, person, '', '', %(actor)s, 'started' FROM woken RETURNING call_id
