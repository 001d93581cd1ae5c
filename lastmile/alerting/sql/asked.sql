-- Whose numbers these are, and the latest warning that lists each of them: one in force before one that is over,
-- and a warning before a test of who can be reached. Who was called for it as deputy or superior counts as listed.
-- Parameters: blind (indexes of numbers), since.
SELECT DISTINCT ON (contact.blind, contact.person_id) contact.blind, event.id, contact.person_id
  FROM people_contact AS contact
  JOIN people_person AS human ON human.id = contact.person_id
  JOIN alerting_alertevent AS event ON event.closed_at IS NULL OR event.closed_at > %(since)s
 WHERE contact.kind = 'phone' AND contact.blind = ANY (%(blind)s::bytea[])
   AND (EXISTS (
     SELECT FROM alerting_callattempt AS made WHERE made.event_id = event.id AND made.person = contact.person_id
   ) OR EXISTS (
     SELECT FROM alerting_manifest AS manifest
      WHERE manifest.event_id = event.id AND contact.person_id = ANY (manifest.person_ids)
        AND manifest.place = ANY (human.place_id || ARRAY(
          SELECT post.place_id FROM people_appointment AS held JOIN org_post AS post ON post.id = held.post_id
           WHERE held.person_id = human.id)::text[])))
 ORDER BY contact.blind, contact.person_id, event.closed_at IS NOT NULL, event.frozen->>'status' = 'Test',
          event.sent_at DESC, event.id DESC
