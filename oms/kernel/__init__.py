"""Values everyone speaks: money, ids, addresses, errors, events, machines. No I/O, no clock."""
