"""Pure solver: a question about one order in, an answer with its reasons out.

It reads no database, no clock and no network, so that a stored question always gives the stored
answer again. It decides nothing about stock that is not in the question.
"""
