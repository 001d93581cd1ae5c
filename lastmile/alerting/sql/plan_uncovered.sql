-- The households of plan areas that no phone reaches, those first whom nobody would tell. Parameters: shown.
-- Includes: plan_spans, plan_homes.
WITH
-- include: plan_spans
,
-- include: plan_homes
SELECT area, id, place_id, number, neighboured, walked FROM judged WHERE NOT reached
 ORDER BY neighboured OR walked, vulnerable > 0 DESC, place_id, walking_order
 LIMIT %(shown)s
