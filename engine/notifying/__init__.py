"""Mail that leaves the house: by SMTP, by a job, never inside a transaction. Only the standard library."""

from engine.notifying.mail import Mailer, MailFailed, MailSettings

__all__ = ["MailFailed", "MailSettings", "Mailer"]
