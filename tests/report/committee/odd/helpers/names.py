"""Not a story."""

NAME = "</pre><script>alert(3)</script>"
