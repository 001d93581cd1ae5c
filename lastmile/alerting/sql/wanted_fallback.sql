-- Of some people whom a channel has failed: those for whom every channel tried so far has failed, whom nothing has
-- reached, and who have not been on this one. Who is being told, or was told and not reported back, hears nothing more.
-- Parameters: event, persons, places, channel.
hand AS (
  SELECT member.person, m.place, m.channel, get_byte(m.states, member.at::int - 1) AS state
  FROM alerting_manifest m CROSS JOIN LATERAL unnest(m.person_ids) WITH ORDINALITY AS member (person, at)
  WHERE m.event_id = %(event)s AND m.place = ANY (%(places)s::text[]) AND member.person = ANY (%(persons)s::int[])
),
wanted AS (
  SELECT hand.person, min(hand.place) AS place
  FROM hand LEFT JOIN alerting_standing s ON s.event = %(event)s AND s.person = hand.person
  WHERE s.delivered_at IS NULL
  GROUP BY hand.person
  HAVING bool_and(hand.channel <> %(channel)s)
     AND bool_and(hand.state IN (4, 6, 8) OR hand.state = 2 AND coalesce(hand.channel = ANY (s.failed_by), false))
)
