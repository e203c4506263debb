"""Take what a source of official warnings says, compare it with what is stored, write what changed."""
