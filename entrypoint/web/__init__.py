"""What every page needs: visits, CSRF, headers, templates, words and formats."""
