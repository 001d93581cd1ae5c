-- What each due call does next. A part of tick.sql.
-- Something followed a confirmation when anybody below has confirmed or a household below has been reached.
chosen AS MATERIALIZED (
  SELECT seen.*, CASE
    WHEN state IN ('waiting', 'calling', 'deputy', 'superior', 'confirmed', 'asked', 'raised') AND held_until IS NOT NULL THEN 'hold'
    WHEN state = 'confirmed' THEN CASE WHEN relay_due > %(now)s AND (
        EXISTS (SELECT FROM alerting_call b WHERE b.event_id = seen.event_id AND b.place > seen.place AND b.place < seen.place || ':'
          AND b.confirmed_at IS NOT NULL)
        OR EXISTS (SELECT FROM alerting_tally t WHERE t.event = seen.event_id AND t.place >= seen.place AND t.place < seen.place || ':'
          AND t.doors_delivered > 0)) THEN 'later' ELSE 'ask' END
    WHEN state = 'asked' THEN CASE WHEN step < attempts THEN 'ask' WHEN by_superior THEN 'raise' ELSE 'end' END
    WHEN state = 'raised' THEN CASE WHEN step < attempts AND taken_at IS NULL THEN 'raise' ELSE 'owe' END
    WHEN state IN ('waiting', 'calling') AND there AND step < attempts THEN 'holder'
    WHEN state IN ('waiting', 'calling', 'deputy') AND by_deputy AND stand_in IS NOT NULL AND (state <> 'deputy' OR step < attempts) THEN 'deputy'
    WHEN state IN ('waiting', 'calling', 'deputy') AND by_superior OR state = 'superior' AND step < attempts AND taken_at IS NULL THEN 'superior'
    WHEN by_door THEN 'door' ELSE 'end' END AS want
  FROM seen
)
