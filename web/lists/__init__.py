"""What lists of work share: menu, tabs, filters in the address, saved views."""
