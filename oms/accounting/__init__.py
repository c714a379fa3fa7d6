"""What customers owe and are owed: invoices, credit notes, deposits, and the journal behind them.

It hears what left, was cancelled, came back and was paid; it moves no goods and asks no gateway.
"""
