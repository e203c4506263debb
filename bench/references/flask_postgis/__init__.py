"""Reports near a place by Flask and PostGIS, as plainly as both allow. For comparison only."""
