"""Going back 退回与撤回: returns, withdrawals, refusals, cancelling, and what only administrators do."""
