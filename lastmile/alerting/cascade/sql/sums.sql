-- What came of the calls of an event at a place and below, by level (length of the code). Minutes count from when a post was
-- first called, the quiet hours left out: its deadline less its time. Parameters: event, place.
SELECT length(c.place), count(*)::int, (count(*) FILTER (WHERE c.confirmed_at <= c.confirm_due))::int,
  (count(*) FILTER (WHERE c.confirmed_at > c.confirm_due))::int, (count(*) FILTER (WHERE c.confirmed_at IS NULL))::int,
  (count(*) FILTER (WHERE c.relay_due IS NOT NULL))::int, (count(*) FILTER (WHERE c.relay_due IS NOT NULL AND c.relayed_at IS NOT NULL))::int,
  (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.confirmed_at - c.confirm_due) + (e.ladder -> c.rule ->> 'confirm')::float8)
    FILTER (WHERE c.confirmed_at IS NOT NULL) / 60)::float8
FROM alerting_call c JOIN alerting_alertevent e ON e.id = c.event_id
WHERE c.event_id = %(event)s AND starts_with(c.place, %(place)s)
GROUP BY 1 ORDER BY 1
