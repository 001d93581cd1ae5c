-- The given people who are in the ledger of an event, at the place where it told them. Parameters: event, persons.
wanted AS (
  SELECT u.person, m.place
  FROM alerting_manifest m, unnest(m.person_ids) u(person)
  WHERE m.event_id = %(event)s AND u.person = ANY (%(persons)s::int[])
)
