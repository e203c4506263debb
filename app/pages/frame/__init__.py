"""The frame that every page needs: templates, languages, words for numbers and times, files, error pages.

Owns `/static/` and no table. The pages themselves are in app/pages. Uses the kernel alone.
"""
