"""Field types of accounts: user names, passwords, e-mail addresses."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from app.accounts import names, passwords
from app.accounts.usernames import LONGEST_NAME_TYPED
from app.http.fields import COMMON_MESSAGES, Text
from app.mail import addresses

_TEXT_MESSAGES: dict[str, Any] = COMMON_MESSAGES | {"invalid": "type|It must be text."}


class Username(fields.String):
    """A new user name, kept as written (in Unicode NFC)."""

    default_error_messages = _TEXT_MESSAGES

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if len(text) <= LONGEST_NAME_TYPED:
            text = unicodedata.normalize("NFC", text)
        if faults := names.faults(text):
            raise ValidationError(faults)
        return text


class Password(fields.String):
    """A password as typed: neither trimmed nor checked, except its length."""

    default_error_messages = _TEXT_MESSAGES

    def __init__(self, *, shortest: int = 1, **rest: Any) -> None:
        self.shortest = shortest
        described = {"format": "password", "minLength": shortest, "maxLength": passwords.LONGEST}
        super().__init__(load_only=True, metadata=described | rest.pop("metadata", {}), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = passwords.normalise(super()._deserialize(value, attr, data, **rest))
        if not self.shortest <= len(text) <= passwords.LONGEST:
            limits = f"{self.shortest} to {passwords.LONGEST}"
            raise ValidationError(f"length|It must have {limits} characters; it has {len(text)}.")
        return text


class Email(Text):
    """An e-mail address of a person. Only a link in a message to it proves one."""

    def __init__(self, **rest: Any) -> None:
        described = {"format": "email"} | rest.pop("metadata", {})
        super().__init__(shortest=3, longest=addresses.LONGEST, metadata=described, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if faults := addresses.faults(text):
            raise ValidationError(faults)
        return text
