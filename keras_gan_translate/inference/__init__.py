"""What a trained model is for: images, large images, videos."""
