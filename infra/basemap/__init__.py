"""Build a map file (PMTiles) of OpenStreetMap data: `make basemap`. In an environment of its own (build/map-env)."""
