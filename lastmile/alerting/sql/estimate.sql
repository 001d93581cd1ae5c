-- How many an audience reaches, by village and channel: all, those who serve, those who live there, the vulnerable.
-- Includes: targets, reach.
WITH
-- include: targets
,
-- include: reach
SELECT left(place, 12), channel, count(*)::int, count(*) FILTER (WHERE rank = 4)::int, count(*) FILTER (WHERE home)::int,
  count(*) FILTER (WHERE vulnerable)::int
FROM reached
GROUP BY 1, 2
