-- "Send again" to the given people. Includes: wanted_given, wave.
WITH
-- include: wanted_given
,
-- include: wave
