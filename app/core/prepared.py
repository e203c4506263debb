"""Do once what botocore and PynamoDB do several times for a call, or for each call though it is always the same.

The address of the service, the key of a day's signatures, the hash of a body that lies ready as bytes, the columns of a
row, the values of an answer. Everything else of a call is the libraries' own. The figures: docs/performance.md.
"""

import hmac
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, Self

from botocore.auth import AUTH_TYPE_MAPS, SigV4Auth
from botocore.parsers import JSONParser
from pynamodb.attributes import Attribute
from pynamodb.constants import NULL
from pynamodb.exceptions import AttributeNullError
from pynamodb.models import Model

SIGNER = "v4-prepared"  # our name for it among botocore's signers
_ENDING = "aws4_request"
# The shape of a value in botocore's description of DynamoDB, and its members that need no reading, and that of bytes.
_VALUE, _PLAIN, _BYTES = "AttributeValue", frozenset({"S", "N", "BOOL", "NULL"}), "B"


class PreparedAuth(SigV4Auth):
    """botocore's signature version 4 for calls whose body is bytes; botocore makes one object for each signature."""

    _region_name: str  # botocore's stubs leave them out
    _service_name: str
    _signed: Any = None

    def headers_to_sign(self, request: Any) -> Any:
        """Choose the headers once; botocore asks twice for each signature, and nothing changes in between."""
        if self._signed is None:
            self._signed = super().headers_to_sign(request)
        return self._signed

    def payload(self, request: Any) -> str:
        """Hash the body as it is; botocore prepares the whole request to reach it."""
        return sha256(request.data).hexdigest()

    def signature(self, string_to_sign: str, request: Any) -> str:
        """Sign with the key of the day, which four hashes lead to."""
        day = request.context["timestamp"][:8]
        key = _signing_key(self.credentials.secret_key, day, self._region_name, self._service_name)
        return hmac.digest(key, string_to_sign.encode(), sha256).hex()


@lru_cache(maxsize=2)
def _signing_key(secret_key: str, *scope: str) -> bytes:
    """Return the key for a day, a region and a service (AWS's reference: "Create a signed AWS API request", step 4)."""
    key = f"AWS4{secret_key}".encode()
    for part in (*scope, _ENDING):
        key = hmac.digest(key, part.encode(), sha256)
    return key


class _OneEndpoint:
    """Resolver of a client whose calls all go to one address: worked out at the first call."""

    def __init__(self, resolver: Any) -> None:
        self._resolver, self._found = resolver, None

    def construct_endpoint(self, **call: Any) -> Any:
        self._found = self._found or self._resolver.construct_endpoint(**call)
        return self._found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._resolver, name)


class _PlainParser(JSONParser):
    """botocore's parser of JSON; a text, number, flag or null stays as it came: botocore builds the same again."""

    _blob_parser: Any

    def _handle_structure(self, shape: Any, value: Any) -> Any:
        if shape.name == _VALUE and value and len(value) == 1:
            ((kind, content),) = value.items()
            if kind in _PLAIN and content is not None:
                return value
            if kind == _BYTES and content is not None:
                return {_BYTES: self._blob_parser(content)}
        return super()._handle_structure(shape, value)  # type: ignore[misc]  # its stubs leave it out


class _OneParser:
    """Factory of a client's parsers, which keep nothing from an answer to the next: one parser for all."""

    def __init__(self, factory: Any) -> None:
        self._parser = _PlainParser(**factory._defaults)  # noqa: SLF001 - its way to read times and bytes

    def create_parser(self, _: str) -> Any:
        return self._parser


def prepare(client: Any) -> Any:
    """Prepare a client of DynamoDB, whose tables are named and not addressed by ARN. Safe to repeat.

    Its Config must not choose the address by the account (`account_id_endpoint_mode`), which may change.
    """
    if not isinstance(client._ruleset_resolver, _OneEndpoint):  # noqa: SLF001 - botocore's events come after it
        AUTH_TYPE_MAPS[SIGNER] = PreparedAuth
        client._ruleset_resolver = _OneEndpoint(client._ruleset_resolver)  # noqa: SLF001 - it has no setter
        endpoint = client._endpoint  # noqa: SLF001 - the only way to its parser
        endpoint._response_parser_factory = _OneParser(endpoint._response_parser_factory)  # noqa: SLF001 - as it
        client.meta.events.register("choose-signer.dynamodb", lambda **_: SIGNER)
    return client


class _Columns(NamedTuple):
    """The columns of a model by their stored names, and the values that they have where nothing is stored."""

    stored: dict[str, tuple[str, Attribute[Any]]]
    defaults: list[tuple[str, Any]]


@cache
def _columns_of(model: type[Model]) -> _Columns:
    attributes = model.get_attributes().items()
    return _Columns(
        {attribute.attr_name: (name, attribute) for name, attribute in attributes},
        [(name, attribute.default) for name, attribute in attributes if attribute.default is not None],
    )


class Row(Model):
    """Base class of models without maps and lists, whose rows are quicker to send and to read."""

    @classmethod
    def _instantiate(cls, attribute_values: dict[str, dict[str, Any]]) -> Self:
        """Return a row as it was read: PynamoDB's own answer, which looks at each column of the model three times.

        An entry of an index has four of a report's forty columns.
        """
        stored, defaults = _columns_of(cls)
        values = {name: default() if callable(default) else default for name, default in defaults}
        for stored_name, value in attribute_values.items():
            if value and NULL not in value and stored_name in stored:
                name, attribute = stored[stored_name]
                values[name] = attribute.deserialize(attribute.get_value(value))
        row = cls.__new__(cls)
        row.attribute_values = values
        return row

    def serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:
        """Return the row as it is sent: PynamoDB's own answer, at a quarter of its calls. No column here is a map."""
        sent: dict[str, dict[str, Any]] = {}
        for name, attribute in self.get_attributes().items():
            value = self.attribute_values.get(name)
            serialized = None if value is None else attribute.serialize(value)
            if serialized is not None:
                sent[attribute.attr_name] = {attribute.attr_type: serialized}
            elif null_check and not attribute.null:
                raise AttributeNullError(name)
        return sent
