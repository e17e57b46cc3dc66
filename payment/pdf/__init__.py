"""Making PDFs of any kind: fonts, typesetting, pages, PDF/A, and the processes that draw."""
