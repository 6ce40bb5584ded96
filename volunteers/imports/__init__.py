"""Volunteers that come as a spreadsheet.

``columns`` knows what columns are called, ``reading`` keeps what an uploaded file holds in ``parts``, ``cells`` reads
one cell, ``lines`` whole rows, ``check`` says of each row what would become of it, ``apply`` takes rows in, and
``sheets`` writes the template and the wrong rows. ``problems`` has the words for what may be wrong.
"""
