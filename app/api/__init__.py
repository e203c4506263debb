"""What machines ask under /v1: routes, schemas and views of places. Owns HTTP, and no rows.

May use every room of rows and rules. Routes of other nouns still stand in their own rooms.
"""
