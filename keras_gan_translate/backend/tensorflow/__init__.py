"""What training is on TensorFlow."""
