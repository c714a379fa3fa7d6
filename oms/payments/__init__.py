"""Money from and to customers: what is expected, claimed, taken and given back, tender by tender.

It asks gateways and keeps their answers; why money is due is accounting's business.
"""
