-- What the answers of open rounds say of their probes; contacts that were answered on count as confirmed by it.
-- Only what people and gateways said: an entry by staff is no proof that the number works. Parameters: now.
WITH said AS (
  SELECT receipt.event_id AS event, receipt.person,
         CASE WHEN bool_or(receipt.fact BETWEEN 4 AND 8) THEN 1 WHEN bool_or(receipt.fact IN (1, 3)) THEN 2
              WHEN bool_or(receipt.fact = 2) THEN 3 END AS result,
         max(receipt.happened_at) AS at
    FROM alerting_receipt AS receipt
   WHERE receipt.by IS NULL
     AND receipt.event_id IN (SELECT event_id FROM alerting_readinessround WHERE closed_at IS NULL)
   GROUP BY receipt.event_id, receipt.person
  UNION ALL
  -- refused by the gateway at once: no receipt will come
  SELECT failure.event, failure.person, 3, %(now)s::timestamptz
    FROM alerting_failure AS failure
   WHERE failure.receipt IS NULL
     AND failure.event IN (SELECT event_id FROM alerting_readinessround WHERE closed_at IS NULL)
),
best AS (
  SELECT event, person, min(result) AS result, max(at) AS at FROM said WHERE result IS NOT NULL GROUP BY event, person
),
moved AS (
  UPDATE alerting_probe AS probe SET result = best.result, result_at = least(best.at, %(now)s::timestamptz)
    FROM best JOIN alerting_readinessround AS round ON round.event_id = best.event
   WHERE probe.round_id = round.id AND probe.person = best.person
     AND probe.result <> 1 AND probe.result <> best.result
  RETURNING probe.contact, probe.result, probe.result_at
),
confirmed AS (
  UPDATE people_contact AS contact SET confirmed_at = moved.result_at
    FROM moved
   WHERE moved.result = 1 AND contact.id = moved.contact
     AND (contact.confirmed_at IS NULL OR contact.confirmed_at < moved.result_at)
  RETURNING contact.id
)
SELECT count(*) FROM moved
