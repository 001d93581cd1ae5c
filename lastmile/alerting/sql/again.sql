-- The batch of each event and channel that has been tried most often, the worst first. Parameters: events, least.
SELECT * FROM (
  SELECT DISTINCT ON (event_id, channel) event_id, channel, attempts, error, due_at
    FROM alerting_manifest
   WHERE event_id = ANY (%(events)s) AND due_at IS NOT NULL AND attempts >= %(least)s
   ORDER BY event_id, channel, attempts DESC, id
) AS worst ORDER BY attempts DESC, event_id, channel LIMIT 10
