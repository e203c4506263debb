"""The flask commands. They are for a terminal; a web function never loads them."""
