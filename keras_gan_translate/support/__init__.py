"""What every floor uses: words of errors, files, pictures, versions."""
