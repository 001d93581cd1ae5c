-- The households of an event (homes) and those of them that count as told (told), as visits_open says. A part of it and of
-- cells_open. That two columns agree is written so that the planner does not take it for two accidents: it expected three homes
-- of a city, and sorted a million people instead of hashing them. Parameters: event, follows, silent, both.
homes AS (
  SELECT p.household_id AS household, min(p.place_id) AS place, max(p.priority) AS priority, bool_and(p.minor) AS children
    FROM (SELECT unnest(person_ids) AS person, place FROM alerting_manifest WHERE event_id = %(event)s) AS listed
    JOIN people_person p ON p.id = listed.person AND coalesce(p.place_id = listed.place, false)
   WHERE p.household_id IS NOT NULL
   GROUP BY p.household_id
),
told AS (
  SELECT household FROM alerting_standing
   WHERE event = %(event)s AND household IS NOT NULL
     AND CASE WHEN %(silent)s THEN confirmed_at ELSE delivered_at END IS NOT NULL
  UNION ALL
  SELECT household FROM alerting_standing
   WHERE event = ANY (%(follows)s::int[]) AND household IS NOT NULL AND (fact = 6 OR %(both)s AND confirmed_at IS NOT NULL)
  UNION ALL
  SELECT homes.household
    FROM alerting_standing s JOIN people_person p ON p.id = s.person JOIN homes ON homes.household = p.household_id
   WHERE s.event = %(event)s AND s.household IS NULL AND p.minor AND homes.children
     AND CASE WHEN %(silent)s THEN s.confirmed_at ELSE s.delivered_at END IS NOT NULL
)
