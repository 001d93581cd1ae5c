-- Who serves the posts an area concerns, today: the holder, or the deputy while the holder is away or missing; a holder
-- on leave without a deputy is told all the same. Posts that must answer, at the places of the area, above and below
-- (group "responsible"), and the posts of special sites in it (group "sites").
posts AS (
  SELECT po.id, po.place_id
  FROM org_post po LEFT JOIN org_specialsite s ON s.id = po.site_id
  WHERE po.closed_on IS NULL AND (
    %(responsible)s AND po.site_id IS NULL AND po.must_answer AND (
      po.place_id IN (SELECT code FROM codes) OR po.place_id = ANY (%(edges)s) OR po.place_id = ANY (%(above)s))
    OR %(sites_too)s AND s.closed_on IS NULL AND (
      s.place_id IN (SELECT code FROM codes) OR s.id = ANY (%(sites)s::int[]))
  )
),
serving AS (
  SELECT DISTINCT ON (posts.id) posts.id AS post, posts.place_id AS place, a.person_id AS person
  FROM posts JOIN people_appointment a ON a.post_id = posts.id
  JOIN people_person p ON p.id = a.person_id AND p.left_on IS NULL
  CROSS JOIN LATERAL (
    SELECT EXISTS (
      SELECT FROM people_leave l
      WHERE l.person_id = a.person_id AND %(today)s BETWEEN l.first_day AND l.last_day) AS away
  ) leave
  WHERE a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s)
  ORDER BY posts.id, leave.away, a.role <> 'holder', a.id
),
