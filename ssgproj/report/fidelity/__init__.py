"""How alike: what stands in the destination beside what was released and, inside the wall, beside the source.

`measure.py` reads and counts, `page.py` draws, `document.py` is for machines. Everything here works on Arrow batches and knows no database.
"""
