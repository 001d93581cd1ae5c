-- Doors at which somebody needs help: a household once, whoever is listed without one alone (needs.Door.key).
-- Parameters: event, prefix, fact.
SELECT count(DISTINCT CASE WHEN p.place_id = s.place THEN coalesce('h' || p.household_id, p.id::text) ELSE p.id::text END)
  FROM alerting_standing s JOIN people_person p ON p.id = s.person
 WHERE s.event = %(event)s AND s.place LIKE %(prefix)s || '%%' AND s.fact = %(fact)s
