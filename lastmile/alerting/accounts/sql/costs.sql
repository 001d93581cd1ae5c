-- What left in a time: by county, channel and account the warnings, the messages that far sides accepted, and their
-- parts. Parameters: channels, scopes (patterns of place codes), since, until.
SELECT left(place, 6) AS county, channel, account, count(DISTINCT event_id), sum(handed), sum(parts)
  FROM alerting_manifest
 WHERE channel = ANY (%(channels)s::text[]) AND settled_at >= %(since)s AND settled_at < %(until)s
   AND handed > 0 AND place LIKE ANY (%(scopes)s::text[])
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
