-- Sums by channel. Parameters: event, prefix.
SELECT channel, sum(people), sum(told), sum(waiting), sum(rejected), sum(unknown), sum(no_contact), sum(skipped), sum(fallback),
       sum(delivered), sum(failed), sum(answered)
  FROM alerting_channeltally
 WHERE event = %(event)s AND place LIKE %(prefix)s || '%%'
 GROUP BY channel
 ORDER BY sum(people) DESC, channel
