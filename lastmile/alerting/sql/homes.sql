-- Households that must be tested by position: those of grids on the edge of an area, and those whose place has no
-- outline (a village, or a grid nobody has drawn). A household without a position counts where its place is.
-- Grids wholly inside or outside never come here: 1 M households cost 68 ms this way, 346 ms when every one is tested.
SELECT h.id, coalesce(h.longitude, p.longitude) AS longitude, coalesce(h.latitude, p.latitude) AS latitude
FROM people_household h JOIN org_place p ON p.code = h.place_id
WHERE h.moved_out_on IS NULL
  AND h.place_id IN (
    SELECT unnest(%(edges)s::text[])
    UNION
    SELECT code FROM org_place WHERE level = 5 AND code LIKE %(within)s AND code <> ALL (%(inside)s::text[])
  )
  AND coalesce(h.longitude, p.longitude) BETWEEN %(west)s AND %(east)s
  AND coalesce(h.latitude, p.latitude) BETWEEN %(south)s AND %(north)s
