-- Doors of cells by the places one level below: listed, still open, cells with open doors about which nobody has answered.
-- Parameters: event, prefix, length.
SELECT left(d.place, %(length)s), count(*), count(*) FILTER (WHERE d.closed_at IS NULL),
       count(DISTINCT d.cell) FILTER (WHERE d.closed_at IS NULL AND NOT EXISTS (
         SELECT FROM alerting_cellask a
          WHERE a.event = d.event AND a.place = d.place AND a.cell = d.cell AND a.heard_at IS NOT NULL))
  FROM alerting_celldoor d
 WHERE d.event = %(event)s AND d.place LIKE %(prefix)s || '%%'
 GROUP BY 1 ORDER BY 1
