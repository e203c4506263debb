"""Emulated edge: HTTP APIs, domain names, CloudFront, the firewall."""

import uuid
from typing import Any, ClassVar

from botocore.validate import ParamValidator

from tests.deploy.cloud_kinds import Kind, Properties, kind, only, or_nothing, without
from tests.deploy.cloud_spelling import NoPlace, parameters


class _OfApi(Kind):
    """One part of an HTTP API. Its id in the answer, and how its calls end, differ from type to type."""

    service = "apigatewayv2"
    noun: ClassVar[str]
    id_name: ClassVar[str]
    parents: ClassVar[tuple[str, ...]] = ("ApiId",)
    fixed = frozenset({"ApiId"})

    def _place(self, identity: str, properties: Properties) -> Properties:
        return {**only(properties, *self.parents), self.id_name: identity}

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, f"create_{self.noun}", properties)
        return str(getattr(self.client, f"create_{self.noun}")(**asked)[self.id_name])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = {**properties, **self._place(identity, properties)}
        getattr(self.client, f"update_{self.noun}")(**parameters(self.client, f"update_{self.noun}", asked))

    def delete(self, identity: str, properties: Properties) -> None:
        or_nothing(lambda: getattr(self.client, f"delete_{self.noun}")(**self._place(identity, properties)))

    def read(self, identity: str, properties: Properties) -> Properties:
        told: Properties = getattr(self.client, f"get_{self.noun}")(**self._place(identity, properties))
        return {**only(properties, *self.parents), **told}


@kind("AWS::ApiGatewayV2::Api")
class Api(_OfApi):
    noun, id_name, parents = "api", "ApiId", ()
    fixed = frozenset({"ProtocolType"})

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        super().change(identity, without(properties, "ProtocolType", "Tags"), before)

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"ApiId": identity, "ApiEndpoint": self.read(identity, properties)["ApiEndpoint"]}


@kind("AWS::ApiGatewayV2::Integration")
class Integration(_OfApi):
    noun, id_name = "integration", "IntegrationId"


@kind("AWS::ApiGatewayV2::Route")
class Route(_OfApi):
    noun, id_name = "route", "RouteId"


@kind("AWS::ApiGatewayV2::Stage")
class Stage(_OfApi):
    noun, id_name = "stage", "StageName"
    fixed = frozenset({"ApiId", "StageName"})

    def create(self, name: str, properties: Properties) -> str:
        self._check_settings(properties)
        return super().create(name, properties)

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        """Replace it: moto cannot change one, and no other call reads it meanwhile."""
        self._check_settings(properties)
        self.delete(identity, properties)
        super().create(identity, properties)

    def _check_settings(self, properties: Properties) -> None:
        """Raise ValueError for settings of a route that is not there.

        AWS's words, as people met them: https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/pull/80
        """
        routes = {each["RouteKey"] for each in self.client.get_routes(ApiId=properties["ApiId"])["Items"]}
        for key in properties.get("RouteSettings", {}):
            if key not in routes:
                raise ValueError(f"Unable to find Route by key {key} within the provided RouteSettings")


def _must_lie_in(region: str, certificate: str) -> None:
    """moto takes a certificate from anywhere; AWS from one region, which differs from service to service."""
    if certificate.split(":")[3] != region:
        raise ValueError(f"Invalid certificate ARN: {certificate}. Certificate must be in '{region}'.")


@kind("AWS::ApiGatewayV2::DomainName")
class DomainName(_OfApi):
    noun, id_name, parents = "domain_name", "DomainName", ()
    fixed = frozenset({"DomainName"})

    def create(self, name: str, properties: Properties) -> str:
        for each in properties["DomainNameConfigurations"]:
            _must_lie_in(self.clients.region, each["CertificateArn"])
        return super().create(name, properties)

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        self.delete(identity, properties)
        self.create(identity, properties)

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        home = f"d-{identity.replace('.', '-')}.execute-api.{self.clients.region}.amazonaws.com"
        return {"RegionalDomainName": home, "RegionalHostedZoneId": "Z0000000000000"}


@kind("AWS::ApiGatewayV2::ApiMapping")
class ApiMapping(_OfApi):
    noun, id_name, parents = "api_mapping", "ApiMappingId", ("DomainName",)
    fixed = frozenset({"DomainName", "ApiId", "Stage", "ApiMappingKey"})

    def create(self, name: str, properties: Properties) -> str:
        # moto wants the key that AWS takes for empty when it is left out.
        return super().create(name, {"ApiMappingKey": "", **properties})


def _renamed(part: Any, words: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(one, words) for one in part]
    if not isinstance(part, dict):
        return part
    return {words.get(name, name): _renamed(value, words) for name, value in part.items()}


@kind("AWS::CloudFront::Distribution")
class Distribution(Kind):
    service = "cloudfront"
    recorded = frozenset({"DistributionConfig.DefaultCacheBehavior.FunctionAssociations"})
    # Template words and the API's, where more than capitals differ.
    _WORDS: ClassVar[dict[str, str]] = {"IPV6Enabled": "IsIPV6Enabled", "OriginCustomHeaders": "CustomHeaders"}

    _OF_BUCKETS: ClassVar[tuple[str, ...]] = ("OriginAccessControlId", "S3OriginConfig")  # moto has no place for them

    def known(self, properties: Properties) -> Properties:
        kept = super().known(properties)
        for origin in kept["DistributionConfig"]["Origins"]:
            for name in self._OF_BUCKETS:
                origin.pop(name, None)
        return kept

    def taken_on_trust(self, properties: Properties) -> list[str]:
        origins = properties["DistributionConfig"]["Origins"]
        there = [name for name in self._OF_BUCKETS if any(name in origin for origin in origins)]
        return super().taken_on_trust(properties) + [f"DistributionConfig.Origins.{name}" for name in there]

    def _config(self, properties: Properties, reference: str) -> Properties:
        if certificate := properties["DistributionConfig"].get("ViewerCertificate", {}).get("AcmCertificateArn"):
            _must_lie_in("us-east-1", certificate)
        wanted = _renamed(properties["DistributionConfig"], self._WORDS)
        for behaviour in [wanted["DefaultCacheBehavior"], *wanted.get("CacheBehaviors", [])]:
            if "CachedMethods" in behaviour:
                allowed = behaviour["AllowedMethods"]
                cached = {"CachedMethods": behaviour.pop("CachedMethods")}
                behaviour["AllowedMethods"] = {"Quantity": len(allowed), "Items": allowed, **cached}
        for origin in wanted["Origins"]:
            if "CustomOriginConfig" in origin:
                origin["CustomOriginConfig"] = {"HTTPPort": 80, "HTTPSPort": 443, **origin["CustomOriginConfig"]}
        # The API wants words where the template may be silent.
        wanted = {"Comment": "", "CallerReference": reference, **wanted}
        return parameters(self.client, "create_distribution", {"DistributionConfig": wanted})

    def create(self, name: str, properties: Properties) -> str:
        unknown = properties.keys() - {"DistributionConfig", "Tags"}
        if unknown:
            raise NoPlace(f"extraneous key {sorted(unknown)} is not permitted")
        config = self._config(properties, name)["DistributionConfig"]
        tags = {"Items": properties.get("Tags", [])}
        asked = {"DistributionConfigWithTags": {"DistributionConfig": config, "Tags": tags}}
        return str(self.client.create_distribution_with_tags(**asked)["Distribution"]["Id"])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        now = self.client.get_distribution_config(Id=identity)
        config = self._config(properties, now["DistributionConfig"]["CallerReference"])
        self.client.update_distribution(Id=identity, IfMatch=now["ETag"], **config)

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_distribution(Id=identity, IfMatch=self.client.get_distribution(Id=identity)["ETag"])

    def read(self, identity: str, properties: Properties) -> Properties:
        answer = self.client.get_distribution(Id=identity)["Distribution"]
        back = {other: word for word, other in self._WORDS.items()}
        tags = self.client.list_tags_for_resource(Resource=answer["ARN"])["Tags"]["Items"]
        config = _renamed(answer["DistributionConfig"], back)
        for behaviour in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]:
            behaviour["CachedMethods"] = behaviour.get("AllowedMethods", {}).get("CachedMethods")
        return {"DistributionConfig": config, "Tags": tags}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Id": identity, "DomainName": self.client.get_distribution(Id=identity)["Distribution"]["DomainName"]}


@kind("AWS::CloudFront::Function")
class EdgeFunction(Kind):
    service = "cloudfront"
    named_by = "Name"
    fixed = frozenset({"Name"})
    recorded = frozenset({"AutoPublish"})

    def create(self, name: str, properties: Properties) -> str:
        asked = {"Name": name, **self.known(properties)}
        told = self.client.create_function(**parameters(self.client, "create_function", asked))
        return str(told["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        """Replace it: moto cannot change one, and no other call reads it meanwhile."""
        self.delete(identity, before)
        self.create(str(properties["Name"]), properties)

    def delete(self, identity: str, properties: Properties) -> None:
        told = self.client.describe_function(Name=properties["Name"])
        self.client.delete_function(Name=properties["Name"], IfMatch=told["ETag"])

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self.client.describe_function(Name=properties["Name"])["FunctionSummary"]
        code = self.client.get_function(Name=properties["Name"])["FunctionCode"].read().decode()
        return {**told, "FunctionCode": code}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"FunctionARN": identity, "FunctionMetadata.FunctionARN": identity, "Stage": "LIVE"}


class Recorded(Kind):
    """moto has no place for it: tried against the API's own description, kept here, and read back from here."""

    service = "cloudfront"
    call: ClassVar[str]
    kept: ClassVar[dict[tuple[str, str], Properties]] = {}

    def create(self, name: str, properties: Properties) -> str:
        identity = str(uuid.uuid4())
        self.change(identity, properties, {})
        return identity

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = parameters(self.client, self.call, properties)
        operation = self.client.meta.method_to_api_mapping[self.call]
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        report = ParamValidator().validate(asked, shape)
        if report.has_errors():
            raise NoPlace(report.generate_report())
        self.kept[self.clients.url, identity] = properties

    def delete(self, identity: str, properties: Properties) -> None:
        del self.kept[self.clients.url, identity]

    def read(self, identity: str, properties: Properties) -> Properties:
        return self.kept[self.clients.url, identity]

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Id": identity}


@kind("AWS::CloudFront::CachePolicy")
class CachePolicy(Recorded):
    call = "create_cache_policy"

    def create(self, name: str, properties: Properties) -> str:
        """Make it, unless the account has one of that name, whatever the region."""
        taken = properties["CachePolicyConfig"]["Name"]
        for (url, _), other in self.kept.items():
            if url == self.clients.url and other.get("CachePolicyConfig", {}).get("Name") == taken:
                raise ValueError(f"CachePolicyAlreadyExists: {taken}")
        return super().create(name, properties)


@kind("AWS::CloudFront::OriginAccessControl")
class OriginAccessControl(Kind):
    service = "cloudfront"

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "create_origin_access_control", properties)
        return str(self.client.create_origin_access_control(**asked)["OriginAccessControl"]["Id"])

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        asked = parameters(self.client, "update_origin_access_control", {"Id": identity, **properties})
        self.client.update_origin_access_control(**asked)

    def delete(self, identity: str, properties: Properties) -> None:
        self.client.delete_origin_access_control(Id=identity)

    def read(self, identity: str, properties: Properties) -> Properties:
        return dict(self.client.get_origin_access_control(Id=identity)["OriginAccessControl"])

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        return {"Id": identity}


@kind("AWS::CloudFront::OriginRequestPolicy")
class OriginRequestPolicy(Recorded):
    call = "create_origin_request_policy"


@kind("AWS::CloudFront::ResponseHeadersPolicy")
class ResponseHeadersPolicy(Recorded):
    call = "create_response_headers_policy"


@kind("AWS::WAFv2::WebACL")
class WebAcl(Kind):
    service = "wafv2"
    named_by = "Name"
    fixed = frozenset({"Name", "Scope"})

    def create(self, name: str, properties: Properties) -> str:
        asked = parameters(self.client, "create_web_acl", {"Name": name, **properties})
        summary = self.client.create_web_acl(**asked)["Summary"]
        return "|".join((summary["Name"], summary["Id"], properties["Scope"]))

    def _place(self, identity: str) -> Properties:
        name, number, scope = identity.split("|")
        return {"Name": name, "Id": number, "Scope": scope}

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        token = self.client.get_web_acl(**self._place(identity))["LockToken"]
        asked = {**without(properties, "Tags"), **self._place(identity), "LockToken": token}
        self.client.update_web_acl(**parameters(self.client, "update_web_acl", asked))

    def delete(self, identity: str, properties: Properties) -> None:
        token = self.client.get_web_acl(**self._place(identity))["LockToken"]
        self.client.delete_web_acl(**self._place(identity), LockToken=token)

    def read(self, identity: str, properties: Properties) -> Properties:
        told = self.client.get_web_acl(**self._place(identity))["WebACL"]
        return {**told, "Scope": identity.rpartition("|")[2]}

    def attributes(self, identity: str, properties: Properties) -> dict[str, Any]:
        told = self.client.get_web_acl(**self._place(identity))["WebACL"]
        return {"Arn": told["ARN"], "Id": told["Id"]}


@kind("AWS::Route53::RecordSet")
class RecordSet(Kind):
    service = "route53"
    fixed = frozenset({"Name", "Type", "HostedZoneId", "SetIdentifier"})

    def create(self, name: str, properties: Properties) -> str:
        self._put("CREATE", properties)
        return str(properties["Name"])

    def _put(self, action: str, properties: Properties) -> None:
        record = {"AliasTarget": {"EvaluateTargetHealth": False, **properties["AliasTarget"]}}
        change = {"Action": action, "ResourceRecordSet": {**without(properties, "HostedZoneId"), **record}}
        asked = {"HostedZoneId": properties["HostedZoneId"], "ChangeBatch": {"Changes": [change]}}
        self.client.change_resource_record_sets(**parameters(self.client, "change_resource_record_sets", asked))

    def change(self, identity: str, properties: Properties, before: Properties) -> None:
        self._put("UPSERT", properties)

    def delete(self, identity: str, properties: Properties) -> None:
        self._put("DELETE", properties)

    def read(self, identity: str, properties: Properties) -> Properties:
        zone = properties["HostedZoneId"]
        told = self.client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        wanted = (identity.rstrip("."), properties["Type"])
        [found] = [one for one in told if (one["Name"].rstrip("."), one["Type"]) == wanted]
        return {**found, "Name": properties["Name"], "HostedZoneId": zone}
