-- A person belongs to the place of their last message; who was told at two places is one person.
-- Parameters: month, most.
INSERT INTO alerting_messageshare (month, place, messages, people, total)
SELECT %(month)s::date, place, least(n, %(most)s), count(*), sum(n)
  FROM (SELECT person, count(*) AS n, (array_agg(place ORDER BY event DESC))[1] AS place
          FROM sent_in_month GROUP BY person) AS each_person
 GROUP BY place, least(n, %(most)s)
