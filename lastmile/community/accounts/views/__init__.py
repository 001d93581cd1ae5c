"""Pages of log-ins, roles and the audit trail."""
