"""Attendance lists as people have them: lines of names, pasted or from a spreadsheet, and whom they mean."""
