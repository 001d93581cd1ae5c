-- The contact sheets of the places of some batches, unless a note says that one is old. A batch without one is loaded
-- contact by contact (load.sql), and so is whoever is told at another place than they live at.
SELECT m.id, s.persons, s.addresses, s.languages, s.homes
FROM alerting_manifest m
JOIN people_contactsheet s ON s.place_id = m.place AND s.kind = %(kind)s
WHERE m.id = ANY (%(ids)s) AND NOT EXISTS (SELECT FROM people_contactsheetdue d WHERE d.place = m.place)
