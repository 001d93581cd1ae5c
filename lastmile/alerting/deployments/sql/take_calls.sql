-- The posts of a receipt, unless a later receipt has said something newer. Parameters: link, message, number, rows (JSON:
-- key, place, title, state, confirmed_at, relayed_at).
INSERT INTO alerting_reportedcall AS kept (link_id, message, number, key, place, title, state, confirmed_at, relayed_at)
SELECT %(link)s, %(message)s, %(number)s, row->>0, row->>1, row->>2, row->>3, (row->>4)::timestamptz,
       (row->>5)::timestamptz
  FROM jsonb_array_elements(%(rows)s::jsonb) AS row
ON CONFLICT (link_id, message, key) DO UPDATE SET number = excluded.number, place = excluded.place,
   title = excluded.title, state = excluded.state, confirmed_at = excluded.confirmed_at, relayed_at = excluded.relayed_at
 WHERE kept.number < excluded.number
