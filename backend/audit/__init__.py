"""The audit log: who did what to what, and why, in records that are only ever added."""
