-- Doors of an area by the places one level below: listed, still open, of these where nobody was in and where somebody
-- vulnerable lives, and what was found. Parameters: event, prefix, length.
SELECT left(place, %(length)s) AS part, count(*),
       count(*) FILTER (WHERE closed_at IS NULL),
       count(*) FILTER (WHERE closed_at IS NULL AND fact = 9),
       count(*) FILTER (WHERE closed_at IS NULL AND priority > 0),
       count(*) FILTER (WHERE fact = 6),
       count(*) FILTER (WHERE fact = 8),
       count(*) FILTER (WHERE fact = 7)
  FROM alerting_visit
 WHERE event = %(event)s AND place LIKE %(prefix)s || '%%'
 GROUP BY 1 ORDER BY 1
