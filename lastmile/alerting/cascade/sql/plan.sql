-- Who would be called for a warning, and who stands behind them: for the preview, nothing is written.
-- Parameters: those of must.sql, day, now, kinds (of contacts that the channels in service take).
WITH
-- include: must
,
seen AS (
  SELECT must.*, h.person AS holder, coalesce(h.away, false) AS holder_away, d.person AS deputy, coalesce(d.away, false) AS deputy_away
  FROM must LEFT JOIN LATERAL (
    SELECT p.id AS person, EXISTS (SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN first_day AND last_day) AS away
    FROM people_appointment a JOIN people_person p ON p.id = a.person_id AND p.left_on IS NULL
    WHERE a.post_id = must.id AND a.until IS NULL AND a.role = 'holder') h ON true
  LEFT JOIN LATERAL (
    SELECT p.id AS person, EXISTS (SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN first_day AND last_day) AS away
    FROM people_appointment a JOIN people_person p ON p.id = a.person_id AND p.left_on IS NULL
    WHERE a.post_id = must.id AND a.until IS NULL AND a.role = 'deputy') d ON true
),
chosen AS MATERIALIZED (
  SELECT id, id AS post_id, place_id AS place, rule, title, holder, deputy AS stand_in, holder_away, deputy_away, 'superior' AS want,
    'calling' AS state, NULL::int AS superior, NULL::int AS superior_post, NULL::int AS confirmed_by, false AS by_door
  FROM seen
),
-- include: superior
SELECT found.place, found.title, site.name, found.rule, found.holder, found.holder_away, found.stand_in, found.deputy_away, found.up_person,
  above.title, up_place.name,
  EXISTS (SELECT FROM people_contact k WHERE k.person_id = found.holder AND k.usable AND k.kind = ANY (%(kinds)s)) AS reachable,
  EXISTS (SELECT FROM people_contact k WHERE k.person_id = found.stand_in AND k.usable AND k.kind = ANY (%(kinds)s)) AS deputy_reachable
FROM found JOIN org_post own ON own.id = found.post_id LEFT JOIN org_specialsite site ON site.id = own.site_id
LEFT JOIN org_post above ON above.id = found.up_post LEFT JOIN org_place up_place ON up_place.code = above.place_id
ORDER BY length(found.place), found.place, own.kind, found.post_id
