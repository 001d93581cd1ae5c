-- "Send again" to the unreached people. Includes: wanted_unreached, wave.
WITH
-- include: wanted_unreached
,
-- include: wave
