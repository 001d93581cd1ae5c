-- What the standing answers make of each call. A part of hear.sql.
-- A confirmation taken over from an earlier message, or given at the door, has no answer to stand on: only an undo ends it.
found AS (
  SELECT mine.*, conf.at AS c_at, conf.person AS c_by, conf.channel AS c_via, conf.by AS c_who, rel.at AS r_at, rel.person AS r_by,
    rel.channel AS r_via, rel.by AS r_who, tak.at AS t_at, tak.person AS t_by, tak.channel AS t_via,
    conf.at IS NOT NULL OR mine.confirmed_at IS NOT NULL AND mine.confirmed_via IN ('carried', 'door') AND NOT EXISTS (
      SELECT FROM said WHERE fact = 11 AND said.person = coalesce(mine.confirmed_by, mine.person) AND said.happened_at > mine.confirmed_at) AS sure,
    rel.at IS NOT NULL OR mine.relayed_at IS NOT NULL AND mine.relayed_via IN ('below', 'carried') AS passing
  FROM mine
  LEFT JOIN LATERAL (
    SELECT happened_at AS at, person, channel, by FROM valid WHERE fact BETWEEN 4 AND 8
      AND (valid.person = mine.person OR valid.person = mine.deputy AND valid.happened_at >= mine.deputy_at OR valid.person = mine.confirmed_by)
    ORDER BY happened_at, id LIMIT 1) conf ON true
  LEFT JOIN LATERAL (
    SELECT happened_at AS at, person, channel, by FROM valid WHERE fact = 12
      AND (valid.person = mine.person OR valid.person = mine.deputy AND valid.happened_at >= mine.deputy_at OR valid.person = mine.confirmed_by)
    ORDER BY happened_at, id LIMIT 1) rel ON true
  LEFT JOIN LATERAL (
    SELECT happened_at AS at, person, channel FROM valid WHERE fact = 13 AND valid.person = mine.superior
      AND valid.happened_at >= mine.superior_at ORDER BY happened_at, id LIMIT 1) tak ON true
),
changes AS (
  SELECT found.*, confirmed_at IS NULL AND sure AS fresh, confirmed_at IS NOT NULL AND NOT sure AS lost,
    relayed_at IS NULL AND passing AS passed, relayed_at IS NOT NULL AND NOT passing AS unpassed,
    t_at IS NOT NULL AND taken_at IS NULL AND state IN ('superior', 'door', 'raised') AS taken
  FROM found
),
heard AS (
  SELECT changes.*, CASE
    WHEN lost THEN CASE resumes WHEN 'door' THEN 'superior' WHEN 'waiting' THEN 'calling' ELSE resumes END
    WHEN fresh THEN CASE WHEN relay_due IS NULL OR passing THEN 'done' ELSE 'confirmed' END
    WHEN passed AND state IN ('confirmed', 'asked', 'raised') THEN 'done'
    WHEN unpassed AND state = 'done' THEN 'confirmed' ELSE state END AS become
  FROM changes
)
