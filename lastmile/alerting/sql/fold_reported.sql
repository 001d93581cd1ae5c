-- Note whom a delivery report has failed, each once per wave; a later report that calls the number dead opens it again.
-- The wave stands in the key of the report. Parameters: receipts.
INSERT INTO alerting_failure AS known (event, person, place, channel, wave, permanent, receipt)
SELECT DISTINCT ON (said.event_id, said.channel, said.person, key.wave)
       said.event_id, said.person, standing.place, said.channel, key.wave, said.key LIKE '%%:permanent', said.id
  FROM alerting_receipt AS said
  JOIN alerting_standing AS standing ON standing.event = said.event_id AND standing.person = said.person
 CROSS JOIN LATERAL (
   SELECT CASE WHEN said.key ~ '^[0-9]+-[0-9]+-[a-z]+-[0-9]{1,4}:' THEN split_part(split_part(said.key, ':', 1), '-', 4)
               ELSE '0' END::smallint AS wave
 ) AS key
 WHERE said.id = ANY (%(receipts)s::bigint[]) AND said.fact = 2
   AND standing.listed AND said.channel = ANY (standing.failed_by)
 ORDER BY said.event_id, said.channel, said.person, key.wave, said.key LIKE '%%:permanent' DESC
ON CONFLICT (event, channel, person, wave) DO UPDATE
   SET permanent = true, receipt = excluded.receipt, handled_at = NULL
 WHERE excluded.permanent AND NOT known.permanent
