"""Acts of staff: their audit rows, and the changes of accounts' roles, areas and suspensions.

Owns the table audit, to which rows are only added. Knows reports and accounts, and never loads the web framework.
"""
