"""Departures: labelled boxes leave as a shipment, or turn out not to have left."""
