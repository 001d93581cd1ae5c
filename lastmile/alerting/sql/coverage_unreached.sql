-- Listed people without a sign that it arrived (or, with `silent`, without a confirmation), most endangered first.
-- Parameters: event, prefix, silent, limit (null: all).
SELECT person.id
  FROM people_person AS person
  JOIN (
    SELECT DISTINCT unnest(person_ids) AS id FROM alerting_manifest
     WHERE event_id = %(event)s AND place LIKE %(prefix)s || '%%'
  ) AS listed USING (id)
  LEFT JOIN alerting_standing AS standing ON standing.event = %(event)s AND standing.person = person.id
 WHERE CASE WHEN %(silent)s THEN standing.confirmed_at ELSE standing.delivered_at END IS NULL
 ORDER BY person.priority DESC, person.id
 LIMIT %(limit)s
