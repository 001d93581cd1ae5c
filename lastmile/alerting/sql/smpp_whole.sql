-- Messages of which enough is known: delivered when every part of one try is, failed when a part of it will never be.
-- A part that went out twice is delivered when one of the two is. Parameters: keys.
WITH part AS (
  SELECT key, reference, part, max(parts) AS parts, bool_or(state = 1) AS good,
         bool_and(state = 2) FILTER (WHERE number IS NOT NULL) AS bad, bool_or(permanent) AS permanent,
         max(reported_at) AS at, max(reason) FILTER (WHERE state = 2) AS reason
    FROM alerting_smpppart WHERE key <> '' AND key = ANY (%(keys)s::text[])
   GROUP BY key, reference, part
)
SELECT key, count(*) FILTER (WHERE good) = max(parts) AS delivered, max(at),
       coalesce(max(reason) FILTER (WHERE bad), ''), coalesce(bool_or(permanent) FILTER (WHERE bad), false)
  FROM part GROUP BY key, reference
HAVING count(*) FILTER (WHERE good) = max(parts) OR bool_or(bad)
