"""The origin of forms for uploads, as the policy of pages names it: that of the addresses that botocore makes."""

from urllib.parse import urlsplit

import botocore.session
import pytest

from app.aws import buckets
from app.core.settings_groups import upload_origin

BUCKET = "floods-prod-photos-123456789012"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-2", "eu-south-1", "ap-southeast-5", "cn-north-1"])
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9000"])
def test_policy_names_the_host_of_every_form(region: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    client = botocore.session.get_session().create_client("s3", region_name=region, config=buckets.SETTINGS)

    form = client.generate_presigned_post(BUCKET, "uploads/rep_a/b")

    parts = urlsplit(form["url"])
    assert upload_origin(BUCKET, region, endpoint) == f"{parts.scheme}://{parts.netloc}"
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_without_a_bucket_there_is_none() -> None:
    assert upload_origin("", "eu-west-2", "http://127.0.0.1:9000") == ""
