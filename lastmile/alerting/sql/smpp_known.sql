-- Parts that the centre has taken before. Parameters: centre, keys.
SELECT key, reference, part, parts FROM alerting_smpppart
 WHERE key = ANY (%(keys)s::text[]) AND key <> '' AND number IS NOT NULL AND centre = %(centre)s
