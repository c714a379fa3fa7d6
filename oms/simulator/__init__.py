"""The demo's invented merchant at work: a world as data, customers who order, floors that serve them.

It drives the system through the doors everybody uses (the gate, the events feed) and knows no table.
"""
