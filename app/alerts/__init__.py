"""Alerts to people who asked for them: subscriptions, who is near an event, and the words of each message.

Owns the tables subscriptions and alert-events. Knows reports and warnings, which do not know each other. What is sent
goes through the ledger of `mail`.
"""
