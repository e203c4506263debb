"""The page of responders: what waits in their areas, and decisions about it, by plain forms and by keys."""
