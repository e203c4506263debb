"""Build a map file (PMTiles) of OpenStreetMap data: `make basemap`."""
