"""Who may: users, roles, sign-in, the audit trail."""
