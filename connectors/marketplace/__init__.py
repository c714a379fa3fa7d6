"""Marketplaces: many sellers' orders under one roof, each platform in its own folder."""
