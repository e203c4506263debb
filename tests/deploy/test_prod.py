"""The stage with everything on: CDN, web ACL, own domain, reserved concurrency. No function is called here."""

from collections.abc import Iterator

import pytest

from tests.deploy.cli import Service
from tests.deploy.cloud import REGION, Cloud
from tests.deploy.conftest import left
from tests.deploy.read_back import blind_spots, faults_of, unread

pytestmark = pytest.mark.story

PREFIX = "floodmanager-prod"
STAGE_FILE = "infra/stages/prod.yml"
DOMAIN = "floods.example.org"


@pytest.fixture(scope="module")
def in_production(cloud: Cloud, service: Service) -> Iterator[str]:
    service.take_any_artifact()
    zone = cloud.clients("route53").create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
    service.replace(STAGE_FILE, "domain: 'off'", "domain: 'on'")
    service.replace(STAGE_FILE, "hosted_zone_id: ''", f"hosted_zone_id: {zone.rpartition('/')[2]}")
    service.replace(STAGE_FILE, "alarm_email: ''", "alarm_email: water@example.org")
    said = service.run("deploy", stage="prod")
    assert said.code == 0, said.text
    yield said.text


def test_the_web_acl_lives_where_cloudfront_looks_for_it_and_watches_the_cdn(cloud: Cloud, in_production: str) -> None:
    edge = cloud.resources(f"{PREFIX}-edge", "us-east-1")
    [distribution] = cloud.clients("cloudfront").list_distributions()["DistributionList"]["Items"]

    assert faults_of(edge) == []
    assert ":us-east-1:" in distribution["WebACLId"]
    assert distribution["WebACLId"] == edge["WebAcl"].attributes["Arn"]
    assert edge["CdnErrorRateAlarm"].properties["Dimensions"][0]["Value"] == distribution["Id"]
    assert edge["EdgeAlarmsEmail"].properties["Endpoint"] == "water@example.org"


def test_production_deploys_whole(cloud: Cloud, in_production: str) -> None:
    assert faults_of(cloud.resources(PREFIX)) == []
    assert f"https://{DOMAIN}/docs" in in_production
    assert "ring for nobody" not in in_production


def test_no_property_would_have_passed_with_another_value(cloud: Cloud, in_production: str) -> None:
    assert blind_spots(cloud.resources(PREFIX)) == []


def test_only_what_moto_has_no_place_for_is_taken_on_trust(cloud: Cloud, in_production: str) -> None:
    assert set(unread(cloud.resources(PREFIX))) == {
        "Budget",
        "CdnCachePolicy",
        "CdnPhotosHeaders",
        "CdnPhotosPolicy",
        "Cdn.DistributionConfig.Origins.OriginAccessControlId",
        "Cdn.DistributionConfig.Origins.S3OriginConfig",
        "CdnViewerAddress.AutoPublish",
        "Cdn.DistributionConfig.DefaultCacheBehavior.FunctionAssociations",
    }


def test_the_cdn_shows_the_origin_the_key_that_the_functions_know(cloud: Cloud, in_production: str) -> None:
    key = cloud.clients("ssm").get_parameter(Name="/floodmanager/prod/origin-key")["Parameter"]["Value"]
    [distribution] = cloud.clients("cloudfront").list_distributions()["DistributionList"]["Items"]
    [origin] = [one for one in distribution["Origins"]["Items"] if one["Id"] == "api"]

    assert origin["CustomHeaders"]["Items"] == [{"HeaderName": "X-Origin-Key", "HeaderValue": key}]
    assert origin["DomainName"] == cloud.outputs(PREFIX)["HttpApiUrl"].removeprefix("https://")


def test_the_origins_key_is_written_in_no_template(cloud: Cloud, in_production: str) -> None:
    key = cloud.clients("ssm").get_parameter(Name="/floodmanager/prod/origin-key")["Parameter"]["Value"]
    template = cloud.clients("cloudformation").get_template(StackName=PREFIX)["TemplateBody"]

    assert key not in str(template) + in_production


def test_the_domain_leads_to_the_cdn(cloud: Cloud, in_production: str) -> None:
    [distribution] = cloud.clients("cloudfront").list_distributions()["DistributionList"]["Items"]
    zone = cloud.clients("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    records = cloud.clients("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    ours = {each["Type"]: each["AliasTarget"]["DNSName"] for each in records if "AliasTarget" in each}

    assert distribution["Aliases"]["Items"] == [DOMAIN]
    assert {name.rstrip(".") for name in ours.values()} == {distribution["DomainName"]}
    assert set(ours) == {"A", "AAAA"}


def test_production_is_not_removed_by_mistake(cloud: Cloud, service: Service, in_production: str) -> None:
    before = left(cloud)

    said = service.run("remove", stage="prod")

    assert said.code != 0
    assert left(cloud) == before


def test_turning_the_cdn_off_leaves_the_api_under_the_domain(
    cloud: Cloud, service: Service, in_production: str
) -> None:
    """The certificate of then is of no use to the API: it lies where CloudFront's must, not in the stage's region."""
    service.replace(STAGE_FILE, "cdn: 'on'", "cdn: 'off'")
    service.replace(STAGE_FILE, "arn:aws:acm:us-east-1:", f"arn:aws:acm:{REGION}:")

    said = service.run("deploy", stage="prod")

    assert said.code == 0, said.text
    assert faults_of(cloud.resources(PREFIX)) == []
    assert cloud.clients("cloudfront").list_distributions()["DistributionList"].get("Items", []) == []
    assert cloud.clients("apigatewayv2").get_domain_name(DomainName=DOMAIN)["DomainName"] == DOMAIN
