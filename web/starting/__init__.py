"""Starting 发起: items as cards, a form in steps, start again."""
