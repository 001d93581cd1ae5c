-- The weightiest answer of each household that is `concerned`, and whether it has answered, as visits_follow says. A part of
-- it and of cells_follow. Parameters: event, silent.
said AS (
  SELECT v.household,
         coalesce(bool_or(told.at IS NOT NULL AND NOT p.minor), false)
           OR bool_and(p.minor) AND bool_or(told.at IS NOT NULL) AS answered,
         (array_agg(s.fact ORDER BY s.fact = 7 DESC, s.fact = 8 DESC, s.fact_at DESC)
           FILTER (WHERE s.fact IS NOT NULL))[1] AS fact,
         (array_agg(s.fact_at ORDER BY s.fact = 7 DESC, s.fact = 8 DESC, s.fact_at DESC)
           FILTER (WHERE s.fact IS NOT NULL))[1] AS fact_at
    FROM concerned v
    JOIN people_person p ON p.household_id = v.household AND p.left_on IS NULL
    LEFT JOIN alerting_standing s ON s.event = %(event)s AND s.person = p.id
    CROSS JOIN LATERAL (SELECT CASE WHEN %(silent)s THEN s.confirmed_at ELSE s.delivered_at END AS at) AS told
   GROUP BY v.household
)
