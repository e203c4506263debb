"""The pages of admins: the switches and the notice."""
