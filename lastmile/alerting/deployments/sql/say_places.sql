-- What the sums of a message are now, kept as what was said last; gives back the rows that changed.
-- Parameters: link, message, number, place, events, relayed (identifiers of these events).
-- Our own ledger counts; what deployments below us have reported is added for villages of which we list nobody.
-- A row that was said and is no longer there is said once more, as zero.
WITH own AS (
    SELECT DISTINCT left(place, 12) AS village FROM alerting_tally
     WHERE event = ANY(%(events)s) AND people + extra > 0
), part AS (
    SELECT place, vulnerable, people + extra AS people, told, delivered, failed, opened, confirmed, safe, moved,
           needs_help, refused, absent, unreachable, doors, doors_told, doors_delivered, doors_confirmed
      FROM alerting_tally
     WHERE event = ANY(%(events)s) AND place LIKE %(place)s || '%%'
    UNION ALL
    SELECT below.place, vulnerable, people, told, delivered, failed, opened, confirmed, safe, moved,
           needs_help, refused, absent, unreachable, doors, doors_told, doors_delivered, doors_confirmed
      FROM alerting_reportedtally AS below
      JOIN alerting_deployment AS link ON link.id = below.link_id AND link.side = 'below' AND link.state = 'active'
     WHERE below.message = ANY(%(relayed)s) AND below.place LIKE %(place)s || '%%'
       AND left(below.place, 12) NOT IN (SELECT village FROM own)
    UNION ALL
    SELECT place, vulnerable, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
      FROM alerting_reportedtally
     WHERE link_id = %(link)s AND message = %(message)s
)
INSERT INTO alerting_reportedtally AS kept (link_id, message, number, place, vulnerable, people, told, delivered, failed,
       opened, confirmed, safe, moved, needs_help, refused, absent, unreachable, doors, doors_told, doors_delivered,
       doors_confirmed)
SELECT %(link)s, %(message)s, %(number)s, place, vulnerable, sum(people), sum(told), sum(delivered), sum(failed),
       sum(opened), sum(confirmed), sum(safe), sum(moved), sum(needs_help), sum(refused), sum(absent), sum(unreachable),
       sum(doors), sum(doors_told), sum(doors_delivered), sum(doors_confirmed)
  FROM part
 GROUP BY place, vulnerable
ON CONFLICT (link_id, message, place, vulnerable) DO UPDATE SET number = excluded.number,
-- include: tally_set
 WHERE (kept.people, kept.told, kept.delivered, kept.failed, kept.opened, kept.confirmed, kept.safe, kept.moved,
        kept.needs_help, kept.refused, kept.absent, kept.unreachable, kept.doors, kept.doors_told, kept.doors_delivered,
        kept.doors_confirmed) IS DISTINCT FROM
       (excluded.people, excluded.told, excluded.delivered, excluded.failed, excluded.opened, excluded.confirmed,
        excluded.safe, excluded.moved, excluded.needs_help, excluded.refused, excluded.absent, excluded.unreachable,
        excluded.doors, excluded.doors_told, excluded.doors_delivered, excluded.doors_confirmed)
RETURNING place, vulnerable, people, told, delivered, failed, opened, confirmed, safe, moved, needs_help, refused, absent,
          unreachable, doors, doors_told, doors_delivered, doors_confirmed
