-- Every post that must answer, with the rules of the nearest place that has some. Parameters: those of targets.sql, ladder,
-- within (only there), forced (also levels that are not called at issue). A part of open.sql and plan.sql.
codes AS MATERIALIZED (
  SELECT code FROM org_place WHERE code LIKE ANY (%(prefixes)s)
  UNION
  SELECT unnest(%(inside)s::text[])
),
-- include: responsible
rules AS MATERIALIZED (
  SELECT (n - 1)::smallint AS rule, r ->> 'place' AS spot, (r ->> 'length')::int AS length, (r ->> 'called')::bool AS called,
    r -> 'kinds' AS kinds, make_interval(secs => (r ->> 'confirm')::float8) AS confirm,
    make_interval(secs => (r ->> 'relay')::float8) AS relay, (r ->> 'relay')::int > 0 AS relayed
  FROM jsonb_array_elements(%(ladder)s::jsonb) WITH ORDINALITY AS x(r, n)
),
must AS MATERIALIZED (
  SELECT po.id, po.place_id, po.site_id, po.title, po.kind, fit.rule, fit.confirm, fit.relay, fit.relayed
  FROM posts JOIN org_post po ON po.id = posts.id
  CROSS JOIN LATERAL (
    SELECT * FROM rules WHERE rules.length = length(po.place_id) AND starts_with(po.place_id, rules.spot)
    ORDER BY length(rules.spot) DESC LIMIT 1) AS fit
  WHERE (fit.called OR %(forced)s) AND starts_with(po.place_id, %(within)s)
    AND (fit.kinds = '[]'::jsonb OR fit.kinds @> to_jsonb(po.kind::text))
)
