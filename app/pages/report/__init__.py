"""The pages of one report: file, show, edit, withdraw."""
