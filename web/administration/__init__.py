"""Pages for administrators 管理."""
