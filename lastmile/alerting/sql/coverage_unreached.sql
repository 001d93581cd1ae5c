-- Listed people without a sign that it arrived (or, with `silent`, without a confirmation), most endangered first.
-- With `doors`, only those in whose household no grown member was reached: the doors that are left.
-- Parameters: event, prefix, silent, doors, limit (null: all).
SELECT person.id
  FROM people_person AS person
  JOIN (
    SELECT DISTINCT unnest(person_ids) AS id FROM alerting_manifest
     WHERE event_id = %(event)s AND place LIKE %(prefix)s || '%%'
  ) AS listed USING (id)
  LEFT JOIN alerting_standing AS standing ON standing.event = %(event)s AND standing.person = person.id
 WHERE CASE WHEN %(silent)s THEN standing.confirmed_at ELSE standing.delivered_at END IS NULL
   AND NOT (%(doors)s AND EXISTS (
     SELECT FROM alerting_standing AS other
      WHERE other.event = %(event)s AND other.household = person.household_id AND other.delivered_at IS NOT NULL))
 ORDER BY person.priority DESC, person.id
 LIMIT %(limit)s
