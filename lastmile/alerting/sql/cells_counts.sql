-- Doors of cells by the places one level below: listed, still open, cells with open doors about which nobody has answered.
-- Parameters: event, prefix, length.
SELECT left(d.place, %(length)s), count(*), count(*) FILTER (WHERE d.closed_at IS NULL),
       count(DISTINCT d.cell) FILTER (WHERE d.closed_at IS NULL AND heard.cell IS NULL)
  FROM alerting_celldoor d
  LEFT JOIN (SELECT DISTINCT cell FROM alerting_cellask WHERE event = %(event)s AND heard_at IS NOT NULL) heard USING (cell)
 WHERE d.event = %(event)s AND d.place LIKE %(prefix)s || '%%'
 GROUP BY 1 ORDER BY 1
