"""What the pages of profiles show, gathered from rows."""
