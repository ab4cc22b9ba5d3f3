"""What the console is built from: gate, login, session, and the blocks that pages are drawn with."""
