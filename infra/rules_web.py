"""Rules for incoming requests: the API's limits and log, the CDN."""

from collections.abc import Callable, Iterator
from typing import Any

from infra.template import Template, as_list, of_type, target

LOGGED = {
    "requestId", "requestTime", "httpMethod", "path", "routeKey", "status", "responseLength", "responseLatency",
    "integrationLatency", "integrationStatus", "error.message",
}  # fmt: skip
# Requests a second, and concurrent ones. Above these AWS's own account limits apply first, and ours would have no
# effect.
MOST, MOST_AT_ONCE = 10_000, 5_000
# Limits of a route with a function of its own, which is expensive.
MOST_DEAR, MOST_DEAR_AT_ONCE = 100, 200
# Routes by which reports are filed, and the least that they must take: they are shed last.
FILING = {"POST /v1/reports", "POST /report"}
LEAST_FILED, LEAST_FILED_AT_ONCE = 100, 200
EVERY_OTHER = "$default"
# What an answer that is kept may depend on.
KEY_HEADERS = {"Accept", "Accept-Language", "Authorization"}
KEY_COOKIES = {"__Host-session", "lang"}
# The one path that leads to a bucket, and how long a hidden photo may still be shown.
PHOTOS, MOST_OF_PHOTOS_S = "/photos/*", 60


def the_api_is_throttled(template: Template) -> Iterator[str]:
    dear = {
        body["Properties"]["RouteKey"]
        for _, body in of_type(template, "AWS::ApiGatewayV2::Route")
        if body["Properties"]["RouteKey"] != EVERY_OTHER
    }
    for name, body in of_type(template, "AWS::ApiGatewayV2::Stage"):
        properties = body["Properties"]
        if not _is_limited(properties.get("DefaultRouteSettings", {}), MOST, MOST_AT_ONCE):
            yield f"{name} takes as many requests as there are"
        for route in sorted(dear | properties.get("RouteSettings", {}).keys()):
            settings = properties.get("RouteSettings", {}).get(route, {})
            if route not in FILING and not _is_limited(settings, MOST_DEAR, MOST_DEAR_AT_ONCE):
                yield f"{name} takes more of {route} than its function bears"


def filing_is_shed_last(template: Template) -> Iterator[str]:
    """Check that reports have routes, limits and a function of their own, which nothing else uses up."""
    functions = {name: target(body["Properties"]["IntegrationUri"]) for name, body in _integrations(template)}
    used = {
        body["Properties"]["RouteKey"]: functions.get(_integration_of(body), "")
        for _, body in of_type(template, "AWS::ApiGatewayV2::Route")
    }
    own = {used.get(route, "") for route in FILING}
    others = {function for route, function in used.items() if route not in FILING}
    if len(own) != 1 or own & {"", *others}:
        yield f"reports are filed by {', '.join(sorted(own)) or 'no function'}, which others use too"
    for name, body in of_type(template, "AWS::ApiGatewayV2::Stage"):
        for route in sorted(FILING):
            settings = body["Properties"].get("RouteSettings", {}).get(route, {})
            rate, burst = settings.get("ThrottlingRateLimit", 0), settings.get("ThrottlingBurstLimit", 0)
            if not (LEAST_FILED <= rate <= MOST and LEAST_FILED_AT_ONCE <= burst <= MOST_AT_ONCE):
                yield f"{name} takes {rate} and {burst} at once of {route}"


def _integrations(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    return of_type(template, "AWS::ApiGatewayV2::Integration")


def _integration_of(route: dict[str, Any]) -> str:
    """Return the logical id in `integrations/<id>`."""
    return target(route["Properties"]["Target"]["Fn::Join"][1][1])


def the_stage_waits_for_its_routes(template: Template) -> Iterator[str]:
    """Check that the stage depends on the route of each of its settings, and on no other route."""
    routes = {body["Properties"]["RouteKey"]: name for name, body in of_type(template, "AWS::ApiGatewayV2::Route")}
    for name, body in of_type(template, "AWS::ApiGatewayV2::Stage"):
        settings = body["Properties"].get("RouteSettings", {}).keys()
        for unknown in sorted(settings - routes.keys()):
            yield f"{name} has settings for {unknown}, which is no route"
        wanted = {routes[key] for key in settings & routes.keys()}
        awaited = {*as_list(body.get("DependsOn", []))} & {*routes.values()}
        for route in sorted(wanted ^ awaited):
            yield (
                f"{name} waits for {route} without settings"
                if route in awaited
                else f"{name} does not wait for {route}"
            )


def _is_limited(settings: dict[str, Any], most: int, most_at_once: int) -> bool:
    rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
    return isinstance(rate, int) and isinstance(burst, int) and 0 < rate <= most and 0 < burst <= most_at_once


def the_api_logs_discreetly(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::ApiGatewayV2::Stage"):
        written = body["Properties"].get("AccessLogSettings", {}).get("Format", "")
        asked = {part.split('"')[0] for part in written.split("$context.")[1:]}
        if not asked or not asked <= LOGGED:
            yield f"{name} logs {sorted(asked - LOGGED) or 'nothing'}"


def functions_have_no_door_of_their_own(template: Template) -> Iterator[str]:
    """Forbid function URLs: they would bypass the gateway's limits and log."""
    for name, _ in of_type(template, "AWS::Lambda::Url"):
        yield f"{name} leads past the API"


def the_cdn_speaks_tls(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::CloudFront::Distribution"):
        text = str(body)
        if "TLSv1.2_2021" not in text or "'https-only'" not in text or "allow-all" in text:
            yield f"{name} speaks without TLS 1.2"


def the_cdn_mixes_nobody(template: Template) -> Iterator[str]:
    """Check that the key holds all that an answer may depend on; infra/viewer_request.txt leaves out the rest."""
    of_photos = _policies_of_photos(template)
    for name, body in of_type(template, "AWS::CloudFront::CachePolicy"):
        policy = body["Properties"]["CachePolicyConfig"]
        key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
        if name in of_photos:
            if policy["MaxTTL"] > MOST_OF_PHOTOS_S:
                yield f"{name} shows a hidden photo for {policy['MaxTTL']} s"
            continue
        if not set(key["HeadersConfig"].get("Headers", [])) >= KEY_HEADERS:
            yield f"{name} gives one person's answer to another"
        if set(key["CookiesConfig"].get("Cookies", [])) != KEY_COOKIES:
            yield f"{name} has other cookies in its key than {', '.join(sorted(KEY_COOKIES))}"
        if key["QueryStringsConfig"]["QueryStringBehavior"] != "all":
            yield f"{name} leaves out parameters"


def the_cdn_shows_of_buckets_photos_alone(template: Template) -> Iterator[str]:
    for name, behaviour, origin in _behaviours(template):
        if ("S3OriginConfig" in origin) != (behaviour.get("PathPattern") == PHOTOS):
            yield f"{name} takes {behaviour.get('PathPattern', 'the rest')} from {origin['Id']}"
        if "S3OriginConfig" in origin and target(origin.get("OriginAccessControlId")) not in template["Resources"]:
            yield f"{name} shows itself to {origin['Id']} by nothing"


def _policies_of_photos(template: Template) -> set[str | None]:
    """Return the policies that are used for the public photos of a bucket alone: their path says all."""
    users: dict[str | None, set[bool]] = {}
    for _, behaviour, origin in _behaviours(template):
        users.setdefault(target(behaviour.get("CachePolicyId")), set()).add("S3OriginConfig" in origin)
    return {policy for policy, kinds in users.items() if kinds == {True}}


def _behaviours(template: Template) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return each behaviour of a CDN, with its origin."""
    for name, body in of_type(template, "AWS::CloudFront::Distribution"):
        config = body["Properties"]["DistributionConfig"]
        origins = {origin["Id"]: origin for origin in config["Origins"]}
        for behaviour in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]:
            yield name, behaviour, origins[behaviour["TargetOriginId"]]


def the_cdn_keeps_only_what_it_may(template: Template) -> Iterator[str]:
    """Check cache times: a minimum above zero would cache `no-store`; a default, answers without Cache-Control."""
    policies = {name: body["Properties"] for name, body in of_type(template, "AWS::CloudFront::CachePolicy")}
    for name, policy in policies.items():
        if policy["CachePolicyConfig"].get("MinTTL") != 0 or policy["CachePolicyConfig"].get("DefaultTTL") != 0:
            yield f"{name} keeps what says that it must not be kept"
    for name, body in of_type(template, "AWS::CloudFront::Distribution"):
        config = body["Properties"]["DistributionConfig"]
        for behaviour in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]:
            if target(behaviour.get("CachePolicyId")) not in policies:
                yield f"{name} caches by a policy that is not in here"
        if any(one.get("ErrorCachingMinTTL") != 0 for one in config.get("CustomErrorResponses", [{}])):
            yield f"{name} keeps errors"


RULES: list[Callable[[Template], Iterator[str]]] = [
    the_api_is_throttled,
    filing_is_shed_last,
    the_stage_waits_for_its_routes,
    the_api_logs_discreetly,
    functions_have_no_door_of_their_own,
    the_cdn_speaks_tls,
    the_cdn_mixes_nobody,
    the_cdn_shows_of_buckets_photos_alone,
    the_cdn_keeps_only_what_it_may,
]
