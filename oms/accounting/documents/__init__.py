"""Legal paper: invoices and credit notes as pure functions of facts. Numbers and sums are given."""
