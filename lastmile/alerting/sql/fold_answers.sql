-- Bring the standing of some people up to date, and every sum by the difference. Parameters: event, sent, bucket, persons.
-- Sums move by (new - old) in the one transaction that takes the receipts out of the pending table.
WITH now_is AS (
-- include: standing
),
before AS (SELECT * FROM alerting_standing WHERE event = %(event)s AND person = ANY (%(persons)s::int[])),
written AS (
  INSERT INTO alerting_standing (event, person, place, listed, vulnerable, fact, fact_at, delivered_at, read_at,
                                 confirmed_at, delivered_by, failed_by, answered_by, household)
  SELECT %(event)s, now_is.* FROM now_is
  ON CONFLICT (event, person) DO UPDATE SET place = excluded.place, listed = excluded.listed,
    vulnerable = excluded.vulnerable, fact = excluded.fact, fact_at = excluded.fact_at,
    delivered_at = excluded.delivered_at, read_at = excluded.read_at, confirmed_at = excluded.confirmed_at,
    delivered_by = excluded.delivered_by, failed_by = excluded.failed_by, answered_by = excluded.answered_by, household = excluded.household
),
change AS (
  SELECT 1 AS n, now_is.* FROM now_is UNION ALL
  SELECT -1, person, place, listed, vulnerable, fact, fact_at, delivered_at, read_at, confirmed_at, delivered_by,
         failed_by, answered_by, household FROM before
),
doors AS (
-- include: fold_doors
),
sums AS (
-- include: fold_sums
),
channels AS (
-- include: fold_channels
),
curve AS (
-- include: fold_curve
)
-- who asks for help or refuses to leave, or did until now: somebody owes them something
SELECT DISTINCT person FROM change WHERE fact IN (7, 8)
