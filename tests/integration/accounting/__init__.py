"""Money of orders, end to end in one process: books, documents, payments."""
