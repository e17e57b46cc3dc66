"""What operators see of the running shop without other tools."""
