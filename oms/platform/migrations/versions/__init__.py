"""The revisions, one after another. Written by `autogenerate`, read before they are kept."""
