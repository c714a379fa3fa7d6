"""Printed documents judged as a reader and a scanner see them."""
