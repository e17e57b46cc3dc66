"""Demo content: people, categories, listings and their pictures, made from a seed alone."""
