"""Shared by all pages: rendering, languages, formats of numbers and times, files, maps, entries of lists."""
