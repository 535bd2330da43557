"""What is not as it should be: watched by the worker, shown in the app, sent by e-mail and to webhooks."""
