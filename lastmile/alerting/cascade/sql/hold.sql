-- Hold the calls that some people's answers concern, always in this order. A statement of its own, before hear.sql: what
-- somebody else has committed while it waited, the next statement sees. Parameters: event, persons.
SELECT c.id FROM alerting_call c
WHERE c.event_id = %(event)s AND c.state <> 'stopped'
  AND (c.person = ANY (%(persons)s) OR c.deputy = ANY (%(persons)s) OR c.superior = ANY (%(persons)s))
ORDER BY c.id FOR UPDATE
