-- Two sets that "send again" is counted from, each an array in binary form: who is listed under the prefix (one row for
-- each batch), and who of the event needs nothing more. Parameters: event, prefix, silent.
SELECT 'listed', array_send(person_ids) FROM alerting_manifest
 WHERE event_id = %(event)s AND place LIKE %(prefix)s || '%%'
UNION ALL
SELECT 'settled', array_send(array_agg(person)) FROM alerting_standing
 WHERE event = %(event)s AND place LIKE %(prefix)s || '%%'
   AND CASE WHEN %(silent)s THEN confirmed_at ELSE delivered_at END IS NOT NULL
