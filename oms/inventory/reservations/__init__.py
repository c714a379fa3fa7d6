"""Timed claims on units before there is an order. They hold stock; they sell nothing."""
