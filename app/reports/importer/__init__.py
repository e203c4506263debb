"""Reports from files of other people: read, interpret, store."""
