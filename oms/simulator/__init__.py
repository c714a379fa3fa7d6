"""The demo's invented merchant at work: customers who order, and everybody who serves them.

It drives the system through the doors everybody has (the gate, the events) and knows no table.
"""
