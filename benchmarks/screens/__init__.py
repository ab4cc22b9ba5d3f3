"""How long pages take, by a headless client of many sessions."""
