-- Telephone calls that were taken and whose end nobody has told, the oldest first. Parameters: channel, since, until, limit.
SELECT account, event_id, person, number FROM alerting_callattempt
WHERE channel = %(channel)s AND line_until IS NOT NULL AND state = 'accepted' AND result = ''
  AND sent_at BETWEEN %(since)s AND %(until)s
ORDER BY sent_at LIMIT %(limit)s
