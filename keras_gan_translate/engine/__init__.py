"""What `gan.py` is made of: batches, means of losses, optimizers, saving."""
