-- What came of telephone calls; their lines are free. Reported twice, the first report stands; but a report that the message
-- was heard, or a key pressed, may come after the one that the call has ended.
-- Parameters: events, persons, channels, numbers, results, at.
UPDATE alerting_callattempt a SET result = x.result, result_at = x.at, line_until = NULL
FROM unnest(%(events)s::int[], %(persons)s::int[], %(channels)s::text[], %(numbers)s::int[], %(results)s::text[],
  %(at)s::timestamptz[]) AS x(event, person, channel, number, result, at)
WHERE a.event_id = x.event AND a.person = x.person AND a.channel = x.channel AND a.number = x.number
  AND (a.result = '' OR a.result IN ('cut', 'nokey') AND x.result IN ('nokey', 'heard') AND a.result <> x.result)
RETURNING a.id
