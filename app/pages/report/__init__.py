"""Pages of reports: the list, and one report: file, show, vote and flag, edit, withdraw, its photos."""
