"""Time running out 时限: limits of cases, steps and members, the scan, another calendar, and what follows."""
