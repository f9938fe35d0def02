"""What serves the pages."""
