"""From allocated to shipped in one go: for a click, an API call, an import of thousands.

`prepare` releases, picks and packs; carriers sell labels outside of any transaction; `ship` puts
them on and lets the boxes leave. What was begun by hand is taken up where it stands.
"""
