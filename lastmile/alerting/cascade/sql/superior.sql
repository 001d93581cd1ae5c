-- Whom the chosen step calls, and what the call becomes. A part of tick.sql.
-- The immediate superior is the one named for the post, else the leader of its place or of the nearest place above (or its
-- own department's post above) for whom somebody is there today. Where there is none, somebody must go at once.
placed AS (
  SELECT chosen.*, CASE WHEN want IN ('superior', 'raise') AND want = CASE state WHEN 'raised' THEN 'raise' ELSE state END
      THEN superior ELSE up.person END AS up_person, coalesce(up.post, superior_post) AS up_post
  FROM chosen LEFT JOIN org_post base ON base.id = chosen.post_id
  LEFT JOIN duties_superior named ON named.post_id = base.id
  LEFT JOIN LATERAL (
    SELECT c.id AS post, s.person FROM unnest(ARRAY[chosen.place::text, left(chosen.place, 12), left(chosen.place, 9), left(chosen.place, 6),
        left(chosen.place, 4), left(chosen.place, 2)]) AS level,
      LATERAL (SELECT id, place_id, kind, department FROM org_post WHERE place_id = level COLLATE "C" AND site_id IS NULL
        AND closed_on IS NULL UNION SELECT id, place_id, kind, department FROM org_post WHERE id = named.superior_id AND closed_on IS NULL) c,
      LATERAL (SELECT h.person_id AS person FROM people_appointment h JOIN people_person p ON p.id = h.person_id AND p.left_on IS NULL
        WHERE h.post_id = c.id AND h.until IS NULL AND NOT EXISTS (
          SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN l.first_day AND l.last_day)
        ORDER BY h.role <> 'holder' LIMIT 1) s
    WHERE want IN ('superior', 'raise', 'door', 'owe') AND c.id <> chosen.post_id
      AND s.person IS DISTINCT FROM chosen.holder AND s.person IS DISTINCT FROM chosen.stand_in
      AND (c.id = named.superior_id OR c.kind = 'leader' AND c.place_id = chosen.place AND base.kind IS DISTINCT FROM 'leader'
        OR (c.kind = 'leader' OR c.department = nullif(base.department, '')) AND length(c.place_id) < length(chosen.place))
    ORDER BY c.id = named.superior_id DESC NULLS LAST, length(c.place_id) DESC, c.department = base.department DESC NULLS LAST, c.id
    LIMIT 1) up ON true
),
found AS (
  SELECT placed.*, act, CASE act WHEN 'holder' THEN 'calling' WHEN 'ask' THEN 'asked' WHEN 'raise' THEN 'raised' WHEN 'owe' THEN 'raised'
      WHEN 'deputy' THEN 'deputy' WHEN 'superior' THEN 'superior' WHEN 'door' THEN 'door' ELSE state END AS become,
    CASE act WHEN 'holder' THEN holder WHEN 'deputy' THEN stand_in WHEN 'ask' THEN coalesce(confirmed_by, holder)
      WHEN 'superior' THEN up_person WHEN 'raise' THEN up_person END AS target
  FROM placed CROSS JOIN LATERAL (SELECT CASE WHEN want = 'superior' AND up_person IS NULL THEN CASE WHEN by_door THEN 'door' ELSE 'end' END
    WHEN want = 'raise' AND up_person IS NULL THEN 'owe' ELSE want END AS act) AS settled
)
