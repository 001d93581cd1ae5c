-- What came back on each channel. A part of fold_answers.sql.
INSERT INTO alerting_channeltally AS tally (event, place, channel, people, told, waiting, rejected, unknown, no_contact,
       skipped, delivered, failed, answered)
SELECT %(event)s, place, channel, 0, 0, 0, 0, 0, 0, 0, sum(delivered), sum(failed), sum(answered)
  FROM (
    SELECT place, unnest(delivered_by) AS channel, n AS delivered, 0 AS failed, 0 AS answered FROM change UNION ALL
    SELECT place, unnest(failed_by), 0, n, 0 FROM change UNION ALL
    SELECT place, unnest(answered_by), 0, 0, n FROM change
  ) AS one
 GROUP BY place, channel
ON CONFLICT (event, place, channel) DO UPDATE SET delivered = tally.delivered + excluded.delivered,
  failed = tally.failed + excluded.failed, answered = tally.answered + excluded.answered
