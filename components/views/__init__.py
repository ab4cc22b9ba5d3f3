"""Pure functions from what services answer to the rows and sentences that pages draw."""
