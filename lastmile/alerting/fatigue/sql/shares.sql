-- A person belongs to the place of their last message; who was told at two places is one person.
-- The place is carried behind the event's key in one text: the largest is found without sorting each person's rows.
-- Parameters: month, most.
INSERT INTO alerting_messageshare (month, place, messages, people, total)
SELECT %(month)s::date, place, least(n, %(most)s), count(*), sum(n)
  FROM (SELECT person, count(*) AS n, substr(max(lpad(event::text, 9, '0') || place), 10) AS place
          FROM sent_in_month GROUP BY person) AS each_person
 GROUP BY place, least(n, %(most)s)
