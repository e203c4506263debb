"""Pages of admins: figures, accounts, invitations, blocks, switches and the notice, and what staff did."""
