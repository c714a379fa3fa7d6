"""The story of an order: what happened to it and to the documents it went through."""
