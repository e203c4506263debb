"""Pages of admins: what staff did."""
