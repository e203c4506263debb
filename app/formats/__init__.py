"""Wire formats. Pure: values in, text out, and back. No I/O, no Flask, no database."""
