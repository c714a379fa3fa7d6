"""Mechanisms the business stands on: database, transactions, outbox, jobs. Knows no business."""
