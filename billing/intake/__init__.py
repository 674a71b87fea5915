"""Taking the providers' webhooks: verified, kept, answered. What they mean is found out afterwards, in billing.processing."""
