"""What banks and teams are asked for, by when."""
