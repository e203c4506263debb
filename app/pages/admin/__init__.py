"""Pages of admins: what staff did, the switches and the notice."""
