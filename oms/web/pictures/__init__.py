"""Pictures as SVG text, drawn from plain facts. No script, no colours: those are the page's."""
