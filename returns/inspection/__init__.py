"""What inspectors find: grades, dispositions, and regrading what was set aside."""
