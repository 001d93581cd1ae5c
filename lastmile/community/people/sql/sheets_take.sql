-- Take the notes of some places whose contacts have changed. All notes of a place go together; one that is committed
-- after this statement began stays, and the place is written once more.
DELETE FROM people_contactsheetdue
WHERE place IN (SELECT DISTINCT place FROM people_contactsheetdue LIMIT %(limit)s)
RETURNING place
