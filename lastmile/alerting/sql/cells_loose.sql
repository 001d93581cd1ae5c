-- The open doors of cells about which nobody is asked who may still answer: nobody was, they took their consent back, or
-- (from the second step on) they have been silent. A part of the statements that ask. Parameters: event, silence (a moment:
-- who was asked by then and is silent counts no more; null: everybody does).
loose AS MATERIALIZED (
  SELECT d.household, d.cell, d.place FROM alerting_celldoor d
   WHERE d.event = %(event)s AND d.closed_at IS NULL AND d.cell IS NOT NULL AND NOT EXISTS (
     SELECT FROM alerting_cellask a
      WHERE a.event = d.event AND a.place = d.place AND a.cell = d.cell AND a.closed_at IS NULL
        AND d.household = ANY (a.households)
        AND (a.heard_at IS NOT NULL OR %(silence)s::timestamptz IS NULL OR a.asked_at > %(silence)s))
)
