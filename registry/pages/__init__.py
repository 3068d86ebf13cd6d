"""What the pages of models and versions show, gathered from rows in few queries."""
