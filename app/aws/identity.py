"""Whether AWS knows the caller. For commands of the operator."""

from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core import dynamodb
from app.core.config import settings

TIMES = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})


class NotKnown(Exception):
    """No credentials were found, or AWS does not accept them. The message holds none of them."""


def account() -> str:
    """Return the number of the AWS account that the shell's credentials belong to. Raises NotKnown."""
    session = dynamodb.session()
    try:
        if session.get_credentials() is None:
            raise NotKnown("No credentials were found.")
        client: Any = session.create_client("sts", region_name=settings().region, config=TIMES)
        return str(client.get_caller_identity()["Account"])
    except ClientError as error:
        raise NotKnown(f"AWS refuses them: {error.response.get('Error', {}).get('Code')}.") from error
    except BotoCoreError as error:
        raise NotKnown(f"They could not be tried: {type(error).__name__}.") from error


def regions() -> list[str]:
    """Return the regions in which the database's service is."""
    return list(dynamodb.session().get_available_regions("dynamodb"))
