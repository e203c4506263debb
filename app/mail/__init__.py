"""Mail to people: the ledger of messages, what sends them, and the addresses that get none. No message's words.

Owns the table deliveries. The words are in the rooms that send: `letters.py` of accounts, `*_letters.py` of alerts and
review. Knows no room.
"""
