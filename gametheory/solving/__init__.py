"""From games of several moves to certified answers, and the table of methods by name."""
