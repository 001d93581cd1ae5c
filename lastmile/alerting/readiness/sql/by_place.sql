-- The last probe of every contact of an area, counted by the places below it. Parameters: prefix, length, since.
SELECT left(last.place, %(length)s) AS code, count(*) AS asked,
       count(*) FILTER (WHERE last.result = 0), count(*) FILTER (WHERE last.result = 1),
       count(*) FILTER (WHERE last.result = 2), count(*) FILTER (WHERE last.result = 3),
       count(*) FILTER (WHERE last.result = 4)
  FROM (SELECT DISTINCT ON (probe.contact) probe.place, probe.result FROM alerting_probe AS probe
         WHERE probe.place LIKE %(prefix)s AND probe.asked_at >= %(since)s::timestamptz
         ORDER BY probe.contact, probe.id DESC) AS last
 GROUP BY 1 ORDER BY 1
