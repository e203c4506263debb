"""What the routes say of themselves, by flask-smorest; made when first asked for.

flask-smorest's own `Api` makes it while the app is made, which is a tenth of a cold start, for a page that few open.
"""

import flask_smorest
from apispec import APISpec
from flask import Flask

_KEPT = "floodmanager.description"
ALSO_DESCRIBED = "API_ALSO_DESCRIBED"  # in the app's configuration: schemas by name that no route names by itself


def description(app: Flask) -> APISpec:
    """The description of all of an app's rooms."""
    if _KEPT not in app.extensions:
        app.extensions[_KEPT] = _describe(app)
    made: APISpec = app.extensions[_KEPT]
    return made


def _describe(app: Flask) -> APISpec:
    # An app of its own: an Api also wants to handle its app's errors, which ours does itself.
    apart = Flask(app.import_name, static_folder=None)
    apart.config.update(app.config)
    api = flask_smorest.Api(apart)
    for name, schema in app.config.get(ALSO_DESCRIBED, {}).items():
        api.spec.components.schema(name, schema=schema)
    for name, room in app.blueprints.items():
        if isinstance(room, flask_smorest.Blueprint):
            room.register_views_in_doc(api, app, api.spec, name=name, parameters=None)
            api.spec.tag({"name": name, "description": room.description})
    spec: APISpec = api.spec
    return spec
