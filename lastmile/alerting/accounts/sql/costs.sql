-- What left in a time, to people and to whoever is called (叫应, neighbours, tests): by county, channel and account the
-- warnings, the messages that far sides accepted, and their parts; of chat groups
-- the cards that robots took. Parameters: channels, scopes (patterns of place codes), since, until.
WITH gone AS (
  SELECT place, channel, account, event_id, handed, parts FROM alerting_manifest
   WHERE channel = ANY (%(channels)s::text[]) AND settled_at >= %(since)s AND settled_at < %(until)s AND handed > 0
  UNION ALL
  SELECT place, channel, account, event_id, 1, parts FROM alerting_callattempt
   WHERE channel = ANY (%(channels)s::text[]) AND sent_at >= %(since)s AND sent_at < %(until)s AND state = 'accepted'
  UNION ALL
  SELECT g.place_id, 'chat', 0, n.event_id, 1, 1 FROM alerting_chatnote n JOIN alerting_chatgroup g ON g.id = n.group_id
   WHERE n.sent_at >= %(since)s AND n.sent_at < %(until)s AND n.state = 'sent'
)
SELECT left(place, 6) AS county, channel, account, count(DISTINCT event_id), sum(handed), sum(parts)
  FROM gone WHERE place LIKE ANY (%(scopes)s::text[])
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
