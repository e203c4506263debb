"""Pages of a person's own account: sign-in, address, password, second factor, sessions, API keys, export, erasing."""
