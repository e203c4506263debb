"""The pages of official warnings and areas."""
