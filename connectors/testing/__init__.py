"""Laws that every connector obeys, for anyone who writes one: inherit a class, name a lab.

A lab is the connector with something to read and no outside world. The laws are pytest classes
and import no pytest.
"""
