-- Every message that a gateway took in a month: states 2 (accepted) and 5 (outcome unknown, it may have arrived).
-- Batches are read whole and unnested beside their states; no join to people, no index on persons.
-- Parameters: begins, ends.
CREATE TEMP TABLE sent_in_month ON COMMIT DROP AS
SELECT batch.place, one.person, event.id AS event
  FROM alerting_manifest AS batch
  JOIN alerting_alertevent AS event ON event.id = batch.event_id
  CROSS JOIN LATERAL unnest(batch.person_ids) WITH ORDINALITY AS one (person, at)
 WHERE event.sent_at >= %(begins)s::timestamptz AND event.sent_at < %(ends)s::timestamptz
   AND batch.channel <> 'none'
   AND get_byte(batch.states, (one.at - 1)::int) IN (2, 5)
