"""Mail to people: the ledger of messages, what sends them, and the addresses that get none. No message's words."""
