"""A carrier that is only a price list: rates by lane and weight, own numbers, labels drawn here.

For couriers without an interface and for own vans. Talks to nobody and keeps nothing: the same
question has the same answer, and a parcel's number follows from its SSCC. Tracks nothing.
"""
