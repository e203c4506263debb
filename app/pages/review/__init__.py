"""The page of responders: what waits in their areas, decisions about reports and photos, by plain forms and by keys."""
