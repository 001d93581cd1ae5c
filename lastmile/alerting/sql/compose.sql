-- Who is in the ledger of each place, from the rows at hand: people, those with a channel, households, and those of which
-- a grown member has a channel. `batches` says of how many rows of the ledger that is true. A part of manifest_write.sql.
composed AS (
  SELECT place, vulnerable, count(*) AS people, count(*) FILTER (WHERE channel <> 'none') AS reachable
  FROM reached GROUP BY place, vulnerable
),
homes_reached AS (
  SELECT place, count(*) AS doors, count(*) FILTER (WHERE reachable) AS reachable
  FROM (
    SELECT place, household, bool_or(grown AND channel <> 'none') AS reachable
    FROM reached WHERE household IS NOT NULL GROUP BY place, household
  ) home
  GROUP BY place
),
batches AS (SELECT place, count(*) AS batches FROM written GROUP BY place),
counted AS (
  INSERT INTO alerting_tally (event, place, vulnerable, people, told, extra, delivered, failed, opened, confirmed, safe,
    moved, needs_help, refused, absent, unreachable, reachable, batches, doors, doors_reachable)
  SELECT %(event)s, place, kind.vulnerable, coalesce(people, 0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    coalesce(composed.reachable, 0), batches,
    CASE WHEN kind.vulnerable THEN 0 ELSE coalesce(doors, 0) END,
    CASE WHEN kind.vulnerable THEN 0 ELSE coalesce(homes_reached.reachable, 0) END
  FROM batches CROSS JOIN (VALUES (false), (true)) AS kind (vulnerable)
  LEFT JOIN composed USING (place, vulnerable) LEFT JOIN homes_reached USING (place)
),
channels AS (
  INSERT INTO alerting_channeltally (event, place, channel, people, told, waiting, rejected, unknown, no_contact, skipped,
    delivered, failed, answered)
  SELECT %(event)s, place, channel, sum(people), 0, CASE WHEN channel = 'none' THEN 0 ELSE sum(people) END, 0, 0,
    CASE WHEN channel = 'none' THEN sum(people) ELSE 0 END, 0, 0, 0, 0
  FROM written GROUP BY place, channel
)
