-- Keep the leases of batches that wait for a slow gateway.
UPDATE alerting_manifest SET lease_until = %(lease)s WHERE id = ANY (%(ids)s) AND lease_owner = %(owner)s
