"""No page asks the database for what its function may not."""

from flask.testing import FlaskClient

from tests.app.pages.world import make_world
from tests.security.test_page_rights import API, rights_of, used

MORE = ("/outlines.geojson", "/outlines.geojson?lat=51.5&lon=-0.12", "/manifest.webmanifest", "/service-worker.js")


def test_every_page_keeps_to_the_rights_of_its_function(client: FlaskClient) -> None:
    world = make_world(client)

    for path in (*world.open, *world.own, *MORE):
        with used() as asked:
            answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in (200, 303, 404), path
        assert asked - rights_of(API) == set(), path
