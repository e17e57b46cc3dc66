"""Invoices and credit notes: the document as data, its arithmetic, and its PDF."""
