"""Acting for others, or with others 委派、加签、代理、交接、回避."""
