"""Decisions that a responder may make. Apart from how they are made, for those who only read them."""

from enum import StrEnum


class Verdict(StrEnum):
    """Decisions that a responder may make."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    MERGED = "merged"
