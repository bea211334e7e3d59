"""What a film is: its language, its files read and resolved, its grammar. It knows no artifact."""
