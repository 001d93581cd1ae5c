-- Who of some places does not read Chinese.
SELECT place_id, id, language FROM people_person WHERE language <> 'zh' AND place_id = ANY (%(places)s)
