"""What may be shown to whom: secrets as fingerprints, e-mails masked."""
