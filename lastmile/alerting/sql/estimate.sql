-- How many an audience reaches, by village and channel. Includes: targets, reach.
WITH
-- include: targets
,
-- include: reach
SELECT left(r.place, 12), r.channel, count(*)::int, count(*) FILTER (WHERE r.rank = 4)::int,
  count(*) FILTER (WHERE r.rank < 4 OR EXISTS (SELECT FROM residents x WHERE x.person = r.person))::int
FROM reached r
GROUP BY 1, 2
