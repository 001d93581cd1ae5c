-- What the receipts of some people of one event say about each of them. Parameters: event, persons.
-- An undo takes back the earlier answers of its own side: the person's, or those entered by staff. Earlier is by
-- (happened_at, id): receipts come late and out of order, and two may share a moment.
SELECT person.id AS person, home.place, home.listed, home.vulnerable,
       answers.fact, answers.fact_at,
       least(signs.delivered_at, answers.confirmed_at) AS delivered_at, signs.read_at, answers.confirmed_at,
       coalesce(signs.delivered_by, '{}') AS delivered_by,
       ARRAY(SELECT unnest(signs.failed_by) EXCEPT SELECT unnest(signs.delivered_by) ORDER BY 1) AS failed_by,
       coalesce(answers.answered_by, '{}') AS answered_by,
       -- the door for which this person speaks: a child's phone does not tell the parents
       CASE WHEN home.listed THEN coalesce(known.household,
            CASE WHEN human.place_id = home.place AND NOT human.minor THEN human.household_id END) END AS household
  FROM (SELECT DISTINCT unnest(%(persons)s::int[]) AS id) AS person
  LEFT JOIN people_person AS human ON human.id = person.id
  LEFT JOIN LATERAL (
    -- LIMIT: asked person by person, by key. As a plain join it is planned as a loop over all the standings of the event
    -- while the statistics still say that there are none, as they do in a storm of first answers.
    SELECT * FROM alerting_standing WHERE event = %(event)s AND person = person.id AND listed LIMIT 1
  ) AS known ON true
  LEFT JOIN LATERAL (
    SELECT manifest.place FROM alerting_manifest AS manifest
     WHERE known.person IS NULL AND manifest.event_id = %(event)s
       AND person.id = ANY (manifest.person_ids)
       AND manifest.place = ANY (human.place_id || ARRAY(
         SELECT post.place_id FROM people_appointment AS held JOIN org_post AS post ON post.id = held.post_id
          WHERE held.person_id = person.id)::text[])
     ORDER BY manifest.place LIMIT 1
  ) AS list ON true
  CROSS JOIN LATERAL (
    -- once listed, always there: moving house later does not move the answer
    SELECT coalesce(known.place, list.place, human.place_id, '') AS place,
           known.person IS NOT NULL OR list.place IS NOT NULL AS listed,
           coalesce(known.vulnerable, human.vulnerable, false) AS vulnerable
  ) AS home
  CROSS JOIN LATERAL (
    SELECT min(happened_at) FILTER (WHERE fact IN (1, 3)) AS delivered_at,
           min(happened_at) FILTER (WHERE fact = 3) AS read_at,
           array_agg(DISTINCT channel ORDER BY channel) FILTER (WHERE fact = 1) AS delivered_by,
           array_agg(DISTINCT channel ORDER BY channel) FILTER (WHERE fact = 2) AS failed_by
      FROM alerting_receipt WHERE event_id = %(event)s AND person = person.id
  ) AS signs
  CROSS JOIN LATERAL (
    SELECT min(happened_at) FILTER (WHERE fact < 9) AS confirmed_at,
           array_agg(DISTINCT channel ORDER BY channel) FILTER (WHERE fact < 9) AS answered_by,
           (array_agg(fact ORDER BY weight DESC, happened_at DESC, id DESC))[1] AS fact,
           (array_agg(happened_at ORDER BY weight DESC, happened_at DESC, id DESC))[1] AS fact_at
      FROM (
        SELECT said.id, said.fact, said.channel, said.happened_at,
               CASE WHEN said.fact = 4 THEN 2 WHEN said.fact < 9 THEN 3 ELSE 1 END AS weight
          FROM alerting_receipt AS said
         WHERE said.event_id = %(event)s AND said.person = person.id AND said.fact BETWEEN 4 AND 10
           AND NOT EXISTS (
             SELECT FROM alerting_receipt AS undo
              WHERE undo.event_id = %(event)s AND undo.person = person.id AND undo.fact = 11
                AND (undo.by IS NULL) = (said.by IS NULL)
                AND (undo.happened_at, undo.id) > (said.happened_at, said.id))
      ) AS live
  ) AS answers
