-- Summed by place and event before the events are joined: their frozen texts would be opened for every message.
-- Parameters: month.
INSERT INTO alerting_messagesource (month, place, sender, colour, status, kind, messages)
SELECT %(month)s::date, sent.place, event.place, event.colour, coalesce(event.frozen->>'status', ''),
       coalesce(event.frozen->>'kind', ''), sum(sent.n)
  FROM (SELECT place, event, count(*) AS n FROM sent_in_month GROUP BY place, event) AS sent
  JOIN alerting_alertevent AS event ON event.id = sent.event
 GROUP BY 2, 3, 4, 5, 6
