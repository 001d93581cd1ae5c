-- How many times somebody was handed to a channel more than once (over waves). Parameters: event.
SELECT coalesce(sum(times - 1), 0)
  FROM (
    SELECT count(*) AS times
      FROM alerting_manifest AS manifest
     CROSS JOIN LATERAL unnest(manifest.person_ids) WITH ORDINALITY AS member (person, at)
     WHERE manifest.event_id = %(event)s AND get_byte(manifest.states, member.at::int - 1) = 2
       AND manifest.place IN (SELECT place FROM alerting_manifest WHERE event_id = %(event)s AND wave > 0)
     GROUP BY member.person, manifest.channel HAVING count(*) > 1
  ) AS one
