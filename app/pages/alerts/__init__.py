"""Pages of alerts: ask for them, confirm them, see, change, pause and stop them."""
