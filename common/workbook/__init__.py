"""Spreadsheets that are uploaded and handed out: ``opening`` reads them, ``reader`` in a process of its own."""
