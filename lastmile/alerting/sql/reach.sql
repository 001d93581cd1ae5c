-- Each target with the channel on which they are told: the first of the warning's channels for which they have a
-- usable contact (the vulnerable: on the channel that the rule of the place names), 'none' where there is none. Two kinds of contact, so two probes instead of a list for each person.
-- Few targets are looked up one by one (target.py says how few); for many, all contacts are hashed.
reached AS (
  SELECT person, place, rank, home, vulnerable, household, grown,
    CASE
      WHEN phone AND vulnerable AND %(frail_channel)s <> '' THEN %(frail_channel)s
      WHEN phone AND (%(phone_first)s OR NOT email) THEN %(phone_channel)s
      WHEN email THEN %(email_channel)s
      ELSE 'none'
    END AS channel
  FROM (
    SELECT t.*,
      %(phone_channel)s <> '' AND CASE WHEN %(one_by_one)s THEN (
        SELECT true FROM people_contact WHERE person_id = t.person AND kind = 'phone' AND usable LIMIT 1) IS NOT NULL
        ELSE t.person IN (SELECT person_id FROM people_contact WHERE kind = 'phone' AND usable) END AS phone,
      %(email_channel)s <> '' AND CASE WHEN %(one_by_one)s THEN (
        SELECT true FROM people_contact WHERE person_id = t.person AND kind = 'email' AND usable LIMIT 1) IS NOT NULL
        ELSE t.person IN (SELECT person_id FROM people_contact WHERE kind = 'email' AND usable) END AS email
    FROM targets t
  ) contacts
)
