"""What the system knows about other platforms: one folder a kind, one folder below it a platform.

A connector imports `connectors.contract` and `oms.kernel`, never another connector.
"""
