"""The page of what is happening now, and what is made of it: the poster, the frame for other sites, pictures."""
