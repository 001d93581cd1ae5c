-- Whoever took their consent back is asked no more. Parameters: events, now. Answers with the events it happened in.
UPDATE alerting_cellask a SET closed_at = %(now)s
 WHERE a.event = ANY (%(events)s) AND a.closed_at IS NULL AND NOT EXISTS (
   SELECT FROM cells_helper h WHERE h.person_id = a.person AND h.until IS NULL AND CASE a.role
     WHEN 'pair' THEN h.pair_id = a.pair WHEN 'volunteer' THEN a.place LIKE h.place_id || '%%' WHEN 'near' THEN h.cell_id IS NOT NULL ELSE h.cell_id = a.cell END)
RETURNING a.event
