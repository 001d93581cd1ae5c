-- What should have moved in the calls of open events and did not, as (kind, event, channel, how many, since).
-- Due: rows that the tick should have taken. Silent: posts to which somebody should have gone, or for which nobody is called
-- any more, and after whom nobody looks. Waiting: attempts on a channel on which none has gone out and no line has come free.
-- Unreported: telephone calls whose end the exchange never tells. Parameters: events, due (what was due by then is late), gone
-- (who was to go by then has had the time), quiet (a channel that moved since then moves), ended (calls begun by then are
-- over), recent (from then on), rings (channels that ring), least (unreported calls that are worth a word).
SELECT 'calls due', event_id, '', count(*)::int, min(due_at) FROM alerting_call
WHERE event_id = ANY (%(events)s) AND due_at < %(due)s AND state NOT IN ('done', 'stopped') GROUP BY event_id
UNION ALL
SELECT 'calls silent', event_id, '', count(*)::int, min(since) FROM alerting_call
WHERE event_id = ANY (%(events)s) AND due_at IS NULL AND state IN ('waiting', 'calling', 'deputy', 'superior', 'door')
  AND since < %(gone)s AND (taken_at IS NULL OR taken_at < %(gone)s) GROUP BY event_id
UNION ALL
SELECT 'calls waiting', a.event_id, a.channel, count(*)::int, min(a.due_at) FROM alerting_callattempt a
WHERE a.event_id = ANY (%(events)s) AND a.due_at < %(quiet)s AND (a.lease_until IS NULL OR a.lease_until < %(due)s)
  AND NOT EXISTS (SELECT FROM alerting_callattempt b WHERE b.event_id = ANY (%(events)s) AND b.channel = a.channel
    AND (b.sent_at >= %(quiet)s OR b.result_at >= %(quiet)s))
GROUP BY a.event_id, a.channel
UNION ALL
SELECT 'calls unreported', NULL, channel, count(*)::int, min(sent_at) FROM alerting_callattempt
WHERE event_id = ANY (%(events)s) AND channel = ANY (%(rings)s) AND state = 'accepted' AND sent_at BETWEEN %(recent)s AND %(ended)s
GROUP BY channel HAVING bool_and(result = '') AND count(*) >= %(least)s
ORDER BY 5
