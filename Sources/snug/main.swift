print("snug 0.1.0")
