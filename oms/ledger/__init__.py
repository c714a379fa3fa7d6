"""Two ledgers that reconcile, where every unit is and what every cent is for: entries that never
change, and balances beside them. Decides nothing about orders or stock.
"""
