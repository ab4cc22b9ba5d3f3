"""The metrics store that the product carries: scraped into head rows, compressed into chunks, read as blocks of samples."""
