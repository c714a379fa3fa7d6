"""Credit notes: returned units at the share they were sold for, their cost back on the books."""
