"""What visitors look at, counted without knowing who they are."""
