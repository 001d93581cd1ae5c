-- What went wrong on the channels since a moment, or still does: each reason with its batches, the latest first.
-- Parameters: channels, since.
SELECT channel, error, count(*)::int, max(coalesce(settled_at, due_at, %(since)s))
  FROM alerting_manifest
 WHERE channel = ANY (%(channels)s) AND error <> ''
   AND (settled_at > %(since)s OR settled_at IS NULL AND due_at IS NOT NULL)
 GROUP BY channel, error
 ORDER BY 4 DESC
