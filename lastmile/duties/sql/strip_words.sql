-- What was said about people in obligations of a kind whose keys begin alike: the reason in brackets behind the title,
-- and the notes of what happened. Causes stay: they are words of the program, of posts and never of people.
WITH mine AS (
  SELECT id FROM duties_obligation WHERE kind = %(kind)s AND key LIKE %(keys)s
), cut AS (
  UPDATE duties_obligation o SET title = regexp_replace(o.title, ' \([^()]*\)?$', '')
  FROM mine WHERE o.id = mine.id AND o.title ~ ' \([^()]*\)?$'
  RETURNING o.id
), said AS (
  UPDATE duties_event e SET note = ''
  FROM mine WHERE e.obligation_id = mine.id AND e.note <> '' AND NOT e.note = ANY(%(causes)s)
  RETURNING e.id
)
SELECT (SELECT count(*) FROM cut) + (SELECT count(*) FROM said)
