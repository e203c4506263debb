"""Rooms that a web function starts with: the situation, reports and their photos, and the routes of pages.

A cold start pays for every module here, so only what most requests ask for belongs here. tests/test_house.py bounds it.
"""

from app.api.area_routes import blueprint as areas
from app.api.nearby_routes import blueprint as nearby
from app.api.photo_file_routes import blueprint as photo_files
from app.api.photo_routes import blueprint as photos
from app.api.place_routes import blueprint as places
from app.api.pulse_routes import blueprint as pulse
from app.api.report_list_routes import blueprint as lists
from app.api.report_list_routes import tiles
from app.api.report_routes import blueprint as reports
from app.api.similar_routes import blueprint as similar
from app.api.status_routes import blueprint as service
from app.api.warning_routes import blueprint as warnings
from app.pages.routes import blueprint as pages

BLUEPRINTS = (
    service,
    reports,
    photos,
    photo_files,
    lists,
    tiles,
    similar,
    pulse,
    warnings,
    nearby,
    areas,
    places,
    pages,
)
