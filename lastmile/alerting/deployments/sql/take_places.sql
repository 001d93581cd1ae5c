-- The rows of a receipt, unless a later receipt has said something newer. Parameters: link, message, number, rows (JSON:
-- place, vulnerable, and the figures in the order of say_places.sql).
INSERT INTO alerting_reportedtally AS kept (link_id, message, number, place, vulnerable, people, told, delivered, failed,
       opened, confirmed, safe, moved, needs_help, refused, absent, unreachable, doors, doors_told, doors_delivered,
       doors_confirmed)
SELECT %(link)s, %(message)s, %(number)s, row->>0, (row->>1)::boolean, (row->>2)::int, (row->>3)::int, (row->>4)::int,
       (row->>5)::int, (row->>6)::int, (row->>7)::int, (row->>8)::int, (row->>9)::int, (row->>10)::int, (row->>11)::int,
       (row->>12)::int, (row->>13)::int, (row->>14)::int, (row->>15)::int, (row->>16)::int, (row->>17)::int
  FROM jsonb_array_elements(%(rows)s::jsonb) AS row
ON CONFLICT (link_id, message, place, vulnerable) DO UPDATE SET number = excluded.number,
-- include: tally_set
 WHERE kept.number < excluded.number
