"""Users, workspaces, roles and tokens: the lowest room. Everything that belongs to someone starts here."""
