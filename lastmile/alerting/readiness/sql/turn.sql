-- Whose turn it is: of everybody in the area the contact that has been without a sign for longest, the oldest first, a
-- share of all people who have one. Whoever was asked or gave a sign within the rest (after a warning too), on any of
-- their contacts, is left alone.
-- Neighbours who agreed to look after a cell or a resident are asked as staff are.
-- Parameters: prefix, everybody, kinds, share, rest (a moment).
WITH staff AS (
  SELECT DISTINCT ON (held.person_id) held.person_id AS person, post.place_id AS place
    FROM people_appointment AS held JOIN org_post AS post ON post.id = held.post_id
   WHERE held.until IS NULL AND post.closed_on IS NULL AND post.must_answer AND post.place_id LIKE %(prefix)s
   ORDER BY held.person_id, length(post.place_id) DESC, post.place_id
),
heads AS (
  SELECT DISTINCT helper.person_id AS person FROM cells_helper AS helper LEFT JOIN cells_cell AS cell ON cell.id = helper.cell_id
   WHERE helper.until IS NULL AND cell.until IS NULL
),
who AS (
  SELECT staff.person, staff.place FROM staff JOIN people_person AS human ON human.id = staff.person
   WHERE human.left_on IS NULL
  UNION ALL
  SELECT human.id, human.place_id FROM people_person AS human
   WHERE (%(everybody)s OR human.id IN (SELECT person FROM heads)) AND human.left_on IS NULL AND human.household_id IS NOT NULL AND NOT human.minor
     AND human.place_id LIKE %(prefix)s AND human.id NOT IN (SELECT person FROM staff)
),
firsts AS (
  -- the one of each kind on which a warning would be sent
  SELECT DISTINCT ON (contact.person_id, contact.kind) contact.id, contact.person_id AS person, who.place, contact.kind,
         contact.confirmed_at
    FROM who JOIN people_contact AS contact ON contact.person_id = who.person
   WHERE contact.usable AND contact.kind = ANY (%(kinds)s::text[])
   ORDER BY contact.person_id, contact.kind, contact.rank, contact.id
),
asked AS (SELECT contact, max(asked_at) AS at FROM alerting_probe GROUP BY contact),
turn AS (
  SELECT DISTINCT ON (firsts.person) firsts.id, firsts.person, firsts.place, firsts.kind,
         greatest(firsts.confirmed_at, asked.at) AS known,
         max(greatest(firsts.confirmed_at, asked.at)) OVER (PARTITION BY firsts.person) AS lately
    FROM firsts LEFT JOIN asked ON asked.contact = firsts.id
   ORDER BY firsts.person, greatest(firsts.confirmed_at, asked.at) NULLS FIRST, firsts.kind DESC
)
SELECT id, person, place, kind FROM turn
 WHERE lately IS NULL OR lately < %(rest)s::timestamptz
 ORDER BY known NULLS FIRST, id
 LIMIT (SELECT ceil(count(*) * %(share)s / 100.0) FROM turn)
