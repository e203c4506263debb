"""Gateway and CDN leave it to the functions which origins may read and write (app/http/cors.py)."""

from typing import Any

import yaml

from app.http.cors import READING
from tests.conftest import ROOT


def _read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_gateway_has_no_cors_of_its_own() -> None:
    """It would answer preflights itself, and take our headers from every answer."""
    assert "cors" not in _read("serverless.yml")["provider"].get("httpApi", {})
    assert "CorsConfiguration" not in (ROOT / "infra/api.yml").read_text(encoding="utf-8")


def test_cdn_passes_preflights_and_origins_on_and_keeps_neither() -> None:
    cdn = _read("infra/cdn.yml")["Resources"]
    behaviour = cdn["Cdn"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    key = cdn["CdnCachePolicy"]["Properties"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]

    assert {*READING, "POST", "PUT", "PATCH", "DELETE"} == {*behaviour["AllowedMethods"]}
    assert behaviour["CachedMethods"] == ["GET", "HEAD"]
    assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader
    assert "ResponseHeadersPolicyId" not in behaviour
    # What caches keep is the same for all origins: `*`.
    assert "Origin" not in key["HeadersConfig"]["Headers"]
