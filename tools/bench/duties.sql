-- A city of staff for the bench: a leader at every place, grid workers and information officers below, each held,
-- every second one with a deputy, one in fifty on leave, one in forty vacant.
TRUNCATE duties_event, duties_obligation, people_appointment, people_leave, people_person, org_post, accounts_user CASCADE;
INSERT INTO org_post (place_id, kind, title, department, must_answer)
SELECT code, 'leader', '负责人', '', TRUE FROM org_place
UNION ALL SELECT code, 'grid_worker', '网格员', '', TRUE FROM org_place WHERE level = 6
UNION ALL SELECT code, 'information', '信息员', '', TRUE FROM org_place WHERE level IN (4, 5);
INSERT INTO people_person (place_id, name, language, priority, vulnerable, updated_at)
SELECT place_id, ''::bytea, 'zh', 0, FALSE, %(now)s
FROM (SELECT place_id, row_number() OVER (ORDER BY id) n, count(*) OVER () total FROM org_post) post
CROSS JOIN generate_series(0, 9) again WHERE n + again * total <= %(people)s;
INSERT INTO people_appointment (post_id, person_id, role, since)
SELECT post.id, person.id, 'holder', DATE '2026-01-01'
FROM (SELECT id, row_number() OVER (ORDER BY id) n, count(*) OVER () total FROM org_post) post
JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM people_person) person ON person.n = post.n
WHERE post.n %% 40 <> 0;
INSERT INTO people_appointment (post_id, person_id, role, since)
SELECT post.id, person.id, 'deputy', DATE '2026-01-01'
FROM (SELECT id, row_number() OVER (ORDER BY id) n, count(*) OVER () total FROM org_post) post
JOIN (SELECT id, row_number() OVER (ORDER BY id DESC) n FROM people_person) person ON person.n = post.n
WHERE post.n %% 2 = 0 AND NOT EXISTS (SELECT FROM people_appointment a WHERE a.post_id = post.id AND a.person_id = person.id);
INSERT INTO people_leave (person_id, first_day, last_day, reason)
SELECT id, %(now)s::date - 3, %(now)s::date + 30, '' FROM people_person WHERE id %% 50 = 0;
INSERT INTO duties_obligation (kind, key, title, place_id, post_id, perm, department, danger, due_at, opened_at, state,
  basis, detail, snooze_reason, policy, step, reached, next_at, climbed, cause, closed_at)
SELECT 'duties.task', 'bench-' || n, '巡查第' || n || '处', post.place_id, post.id, '', '', n %% 5, due, due - interval '10 days',
  CASE WHEN fresh THEN 'open' ELSE 'done' END, '', '{}', '',
  jsonb_build_object('name', 'standard', 'steps', jsonb_build_array(
    jsonb_build_object('do', 'remind', 'at', extract(epoch FROM due)::bigint - 86400, 'silent', FALSE),
    jsonb_build_object('do', 'deputy', 'at', extract(epoch FROM due)::bigint, 'silent', FALSE),
    jsonb_build_object('do', 'superior', 'at', extract(epoch FROM due)::bigint + 86400, 'silent', FALSE),
    jsonb_build_object('do', 'superior', 'at', extract(epoch FROM due)::bigint + 345600, 'silent', FALSE))),
  n %% 3, 0, CASE WHEN fresh THEN due - interval '1 day' END, '{}', '', CASE WHEN NOT fresh THEN due - interval '2 days' END
FROM (SELECT id, place_id, row_number() OVER (ORDER BY id) i, count(*) OVER () total FROM org_post) post
CROSS JOIN generate_series(0, 99) k CROSS JOIN LATERAL (SELECT i + k * total AS n, k %% 5 = 0 AS fresh) part
CROSS JOIN LATERAL (SELECT CASE WHEN fresh THEN %(now)s::timestamptz + (2 + n %% 20) * interval '1 day'
  ELSE %(now)s::timestamptz - (n %% 300) * interval '1 day' END AS due) at
WHERE n <= %(obligations)s;
INSERT INTO duties_event (obligation_id, at, entered_at, what, note)
SELECT id, opened_at, opened_at, 'opened', '' FROM duties_obligation
