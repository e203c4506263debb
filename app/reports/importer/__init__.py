"""Import reports from files: read, interpret, store."""
