"""Charts as pictures: SVG, from the documents that the API answers with."""
