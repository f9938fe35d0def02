"""What training is on JAX: the same functions as on TensorFlow."""
