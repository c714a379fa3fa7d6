"""Proof that the books agree with documents, goods and money: checks only, nothing is changed."""
