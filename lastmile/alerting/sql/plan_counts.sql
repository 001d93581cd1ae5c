-- What stands in plan areas, counted: households, residents, those no phone reaches, and those nobody would tell at all.
-- Includes: plan_spans, plan_homes.
WITH
-- include: plan_spans
,
-- include: plan_homes
SELECT area, count(*)::int, sum(residents)::int, (count(*) FILTER (WHERE NOT reached))::int,
  (count(*) FILTER (WHERE NOT (reached OR neighboured OR walked)))::int
  FROM judged GROUP BY area
