-- Queues of open events that stand still: people have been due for a while, nobody holds their batches, and the channel
-- has settled nothing since. A slow channel that moves is not found here.
SELECT m.event_id, m.channel, sum(cardinality(m.person_ids))::int, min(m.due_at)
FROM alerting_manifest m
WHERE m.event_id = ANY (%(events)s) AND m.due_at < %(before)s
  AND (m.lease_until IS NULL OR m.lease_until < %(before)s)
  AND NOT EXISTS (
    SELECT FROM alerting_manifest s WHERE s.channel = m.channel AND s.settled_at >= %(before)s)
GROUP BY m.event_id, m.channel
ORDER BY 4
