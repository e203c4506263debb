"""Tell transient failures of the database, which waiting may end, from lasting ones."""

from app.core import dynamodb

# Codes and kinds that last: a table that is not there, rights, credentials.
_LASTING = (
    *("ResourceNotFoundException", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"),
    *("InvalidSignatureException", "MissingAuthenticationTokenException", "IncompleteSignatureException"),
)
_LASTING_KINDS = ("NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ProfileNotFound")


def is_transient(error: Exception) -> bool:
    """Return whether waiting may help: the database is slow, throttled, starting, or out of reach."""
    cause = getattr(error, "cause", None) or error
    is_lasting = dynamodb.code_of(error) in _LASTING or type(cause).__name__ in _LASTING_KINDS
    return dynamodb.is_outage(error) and not is_lasting
