"""The handshake with nodes: accept, reject, cancel; and shipments of nodes whose floor we don't see."""
