"""Geometry on the globe: places, tiles, boxes and circles, polygons. Pure: no database, no HTTP."""
