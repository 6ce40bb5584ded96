"""Logs that come as lines: typed row by row from a pile of paper, or read from a spreadsheet.

``cells`` reads one cell, ``directory`` finds whom and what it names, ``line`` puts a whole line together; ``columns``
knows the names of the columns, ``workbook`` finds the table in what is uploaded (``common.workbook`` opens it), and
``sheets`` writes workbooks.
"""
