-- The responsible persons of a city for the bench: a leader at every place above the grid, a worker for every grid, each
-- held and with a number, every second one with a deputy, one in fifty on leave, one in forty vacant.
TRUNCATE alerting_callentry, alerting_callattempt, alerting_call, people_contact, people_appointment, people_leave,
  people_person, org_post CASCADE;
INSERT INTO org_post (place_id, kind, title, department, must_answer)
SELECT code, CASE level WHEN 6 THEN 'grid_worker' ELSE 'leader' END, '负责人', '', TRUE FROM org_place WHERE level > 1;
INSERT INTO people_person (place_id, name, language, priority, vulnerable, updated_at)
SELECT place_id, %(name)s, 'zh', 0, FALSE, %(now)s FROM org_post CROSS JOIN generate_series(1, 2);
INSERT INTO people_appointment (post_id, person_id, role, since)
SELECT post.id, person.id, CASE WHEN person.n %% 2 = 1 THEN 'holder' ELSE 'deputy' END, DATE '2026-01-01'
FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM org_post) post
JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM people_person) person ON (person.n + 1) / 2 = post.n
WHERE CASE WHEN person.n %% 2 = 1 THEN post.n %% 40 <> 0 ELSE post.n %% 2 = 0 END;
INSERT INTO people_leave (person_id, first_day, last_day, reason)
SELECT id, %(now)s::date - 3, %(now)s::date + 30, '' FROM people_person WHERE id %% 50 = 0;
INSERT INTO people_contact (person_id, kind, value, blind, rank, usable)
SELECT id, 'phone', %(number)s, int8send(id), 0, TRUE FROM people_person
