-- How far each post that must answer is, kept as what was said last; gives back what changed.
-- Parameters: link, message, number, place, events, relayed. What deployments below us have reported is passed on.
INSERT INTO alerting_reportedcall AS kept (link_id, message, number, key, place, title, state, confirmed_at, relayed_at)
SELECT %(link)s, %(message)s, %(number)s, key, place, title, state, confirmed_at, relayed_at
  FROM (
    SELECT DISTINCT ON (call.post_id) call.post_id::text AS key, call.place, post.title, call.state, call.confirmed_at,
           call.relayed_at
      FROM alerting_call AS call JOIN org_post AS post ON post.id = call.post_id
     WHERE call.event_id = ANY(%(events)s) AND call.place LIKE %(place)s || '%%'
     ORDER BY call.post_id, call.id DESC
  ) AS own
UNION ALL
SELECT %(link)s, %(message)s, %(number)s, left(link.uid || ':' || below.key, 60), below.place, title, below.state,
       confirmed_at, relayed_at
  FROM alerting_reportedcall AS below
  JOIN alerting_deployment AS link ON link.id = below.link_id AND link.side = 'below' AND link.state = 'active'
 WHERE below.message = ANY(%(relayed)s) AND below.place LIKE %(place)s || '%%'
ON CONFLICT (link_id, message, key) DO UPDATE SET number = excluded.number, place = excluded.place,
   title = excluded.title, state = excluded.state, confirmed_at = excluded.confirmed_at, relayed_at = excluded.relayed_at
 WHERE (kept.place, kept.title, kept.state, kept.confirmed_at, kept.relayed_at) IS DISTINCT FROM
       (excluded.place, excluded.title, excluded.state, excluded.confirmed_at, excluded.relayed_at)
RETURNING key, place, title, state, confirmed_at, relayed_at
