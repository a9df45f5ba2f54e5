"""Small services to prove the contract check with: a correct one, deliberately wrong ones, and legal ones."""
