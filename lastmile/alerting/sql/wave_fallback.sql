-- Another channel for those whom theirs has failed. Includes: wanted_fallback, wave.
WITH
-- include: wanted_fallback
,
-- include: wave
