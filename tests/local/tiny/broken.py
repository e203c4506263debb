"""A module that does not load."""

raise RuntimeError("a module that was broken on purpose")
