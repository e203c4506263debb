"""The flask commands, for a terminal; web functions never load them."""
