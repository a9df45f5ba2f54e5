"""What arrived: listed, searched, waited for, watched, explained, exported, and sent again."""
