"""How dates, times and numbers are printed and read, by language (FORMAT_MODULE_PATH)."""
