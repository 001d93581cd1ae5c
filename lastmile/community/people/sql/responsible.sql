-- responsible: who answers a warning for the places under the prefixes on a day. One row a post:
-- the holder, or the deputy while the holder is on leave or missing; when both are away, the holder all the same.
-- Posts below the prefixes count with their special sites; of the places above, only posts of the place itself.
-- The range join (codes are digits, so ':' ends a prefix) uses the index on the place; LIKE ANY would scan.
WITH wanted AS (
    SELECT post.id, post.place_id, post.site_id, post.kind, post.title
    FROM unnest(%(prefixes)s::text[]) AS prefix
    JOIN org_post post ON post.place_id >= prefix COLLATE "C" AND post.place_id < (prefix || ':') COLLATE "C"
    LEFT JOIN org_specialsite site ON site.id = post.site_id
    WHERE post.must_answer AND post.closed_on IS NULL AND site.closed_on IS NULL
    UNION
    SELECT id, place_id, site_id, kind, title
    FROM org_post
    WHERE place_id = ANY(%(above)s) AND site_id IS NULL AND must_answer AND closed_on IS NULL
)
SELECT DISTINCT ON (wanted.id)
    held.person_id, wanted.place_id, wanted.site_id, wanted.id, wanted.title, held.role, away.person_id IS NOT NULL
FROM wanted
JOIN people_appointment held ON held.post_id = wanted.id
    AND held.since <= %(day)s AND (held.until IS NULL OR held.until > %(day)s)
JOIN people_person person ON person.id = held.person_id AND person.left_on IS NULL
LEFT JOIN people_leave away ON away.person_id = held.person_id AND %(day)s BETWEEN away.first_day AND away.last_day
ORDER BY wanted.id, (away.person_id IS NOT NULL), held.role DESC  -- 'holder' before 'deputy'
