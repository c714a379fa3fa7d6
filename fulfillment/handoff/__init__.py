"""The handshake with nodes: accept, reject, cancel; and what nodes ship that we don't see."""
