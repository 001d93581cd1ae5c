-- Listed people of an area without a sign that the warning arrived (or, with `silent`, without a confirmation).
-- Parameters: event, prefix, silent.
wanted AS (
  SELECT person, place
  FROM (
    SELECT unnest(person_ids) AS person, place FROM alerting_manifest
    WHERE event_id = %(event)s AND place LIKE %(prefix)s || '%%'
  ) AS listed
  WHERE person NOT IN (
    SELECT s.person FROM alerting_standing s
    WHERE s.event = %(event)s AND CASE WHEN %(silent)s THEN s.confirmed_at ELSE s.delivered_at END IS NOT NULL)
)
