"""What an accountant looks at: documents, who owes what, and the books behind every figure."""
