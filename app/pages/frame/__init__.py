"""What every page shares: rendering, languages, words for numbers and times, files, maps, entries of lists."""
