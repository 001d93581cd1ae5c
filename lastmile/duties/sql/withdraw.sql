-- What is no longer needed: the open ones of a kind with these keys.
WITH gone AS (
  UPDATE duties_obligation SET state = 'withdrawn', closed_at = %(now)s, closed_by_id = %(actor)s, next_at = NULL
  WHERE kind = %(kind)s AND key = ANY(%(keys)s) AND closed_at IS NULL
  RETURNING id
), told AS (
  INSERT INTO duties_event (obligation_id, at, entered_at, what, actor_id, note)
  SELECT id, %(now)s, %(now)s, 'withdrawn', %(actor)s, %(note)s FROM gone
)
SELECT id FROM gone
