"""How fast ssg is, next to its predecessor, to the limit of each destination, and to itself at other sizes. See README.md here."""
