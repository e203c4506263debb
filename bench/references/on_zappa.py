"""Zappa with Flask; its handler made at import, as its deployed module does."""

from zappa.handler import LambdaHandler, lambda_handler

LambdaHandler(session=None)


def handler(event, context):
    return lambda_handler(event, context)
